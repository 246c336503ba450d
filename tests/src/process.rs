//! The server as a process of its own: started on an installation's settings, killed without a warning, started again.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

use iwrs::Running;
use iwrs::demo::stage;
use service::clock::Clock;
use service::trust::Trust;

use crate::app::{CHECKPOINT_SEED, MASTER_KEY, TOKEN_SEED, World, files, service};
use crate::client::Client;
use crate::database::{TestDatabase, fresh_database};
use crate::folder::TempFolder;

/// A database, the files of the keys, and the settings that lead to them: what servers are started on.
pub struct Installation {
    program: PathBuf,
    folder: TempFolder,
    people: Vec<(String, String)>,
    /// The database.
    pub database: TestDatabase,
}

impl Installation {
    /// Keys and settings for a migrated database in which nothing is.
    pub fn empty(program: &str) -> Self {
        let (folder, database) = (TempFolder::new(), fresh_database());
        let installation = Self { program: program.into(), folder, people: Vec::new(), database };
        installation.write_key("master", MASTER_KEY);
        installation.write_key("tokens", &hex::encode(TOKEN_SEED));
        installation.write_key("checkpoints", &hex::encode(CHECKPOINT_SEED));
        installation.write_settings(installation.database.url(), "");
        installation
    }

    /// The same with IMODALS staged in it: a list in use and 144 kits on the shelf of its one site.
    pub fn imodals(program: &str) -> Self {
        let mut installation = Self::empty(program);
        let trust = Trust::in_folder(&installation.state()).expect("a folder for the state");
        // The servers go by the system's clock, so the stage must not lie in their future or long in their past.
        // They also sign with the same key, which goes by one name.
        let world = World { now: Clock::System.now(), trust, signer: "iwrs", ..World::default() };
        let (service, _clock) = service(installation.database.url(), world);
        let running = Running::start(&service).expect("a server for the stage");
        let mut files = files();
        // These kits must last whenever the test runs.
        files.plan.batch.label_expiry = "2099-12-31".to_owned();
        files.plan.batch.lots.iter_mut().for_each(|lot| lot.expiry = "2099-12-31".to_owned());
        let cast = stage(&service, running.base(), &files).expect("the study is staged");
        for person in &files.plan.people {
            let client = cast.person(&person.login).expect("somebody of the cast");
            installation.people.push((client.login.clone(), client.password.clone()));
        }
        installation
    }

    /// The folder in which a server remembers what it has seen of the journal.
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The file of a key: `master`, `tokens` or `checkpoints`.
    pub fn key(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the file of a key anew, for its owner alone.
    pub fn write_key(&self, name: &str, contents: &str) {
        let path = self.key(name);
        if path.exists() {
            fs::remove_file(&path).expect("the key can be replaced");
        }
        fs::write(&path, contents).expect("the key is written");
        fs::set_permissions(&path, Permissions::from_mode(0o400)).expect("its rights are set");
    }

    /// Writes the settings anew, for this database and with further lines of TOML at their end.
    pub fn write_settings(&self, url: &str, more: &str) {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let settings = format!(
            "server.port = 0\ndatabase.url = '{url}'\nstate.directory = '{}'\nkeys.master = '{}'\n\
             keys.tokens = '{}'\nkeys.checkpoints = '{}'\nmail.directory = '{}'\n\
             log_in.second_factor = 'offered'\n{more}\n",
            path("state"),
            path("master"),
            path("tokens"),
            path("checkpoints"),
            path("mail"),
        );
        fs::write(self.settings(), settings).expect("the settings are written");
    }

    fn settings(&self) -> PathBuf {
        self.folder.path().join("iwrs.toml")
    }

    /// A file outside the database.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts a server, and waits until it listens.
    ///
    /// # Panics
    /// With its log, when it ends instead.
    pub fn start(&self) -> Server {
        self.start_with(&[])
    }

    /// The same with variables of the environment, which override the settings.
    pub fn start_with(&self, variables: &[(&str, &str)]) -> Server {
        Server::start(&self.program, &self.settings(), variables)
    }

    /// Starts a server that is to end by itself, and gives its exit code and its lines.
    ///
    /// # Panics
    /// When it listens instead.
    pub fn start_in_vain(&self) -> (Option<i32>, Vec<String>) {
        let mut child = serve(&self.program, &self.settings()).spawn().expect("the program starts");
        let mut lines = Vec::new();
        for line in BufReader::new(child.stderr.take().expect("its standard error")).lines() {
            let line = line.expect("a line");
            if line.contains(LISTENING) {
                child.kill().expect("it can be killed");
                panic!("it listens, after {lines:?}");
            }
            lines.push(line);
        }
        (child.wait().expect("it ends").code(), lines)
    }

    /// Logs somebody of the cast in at a server.
    #[track_caller]
    pub fn log_in(&self, server: &Server, login: &str) -> Client {
        let (_, password) = self.people.iter().find(|(name, _)| name == login).expect("somebody of the cast");
        Client::log_in(server.base(), login, password)
    }
}

/// What a server logs, before its address, once it listens.
const LISTENING: &str = "listening address=";

fn serve(program: &Path, settings: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(["serve", "--config"]).arg(settings);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// A server in a process of its own; it is killed when dropped.
pub struct Server {
    child: Child,
    base: String,
    log: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(program: &Path, settings: &Path, variables: &[(&str, &str)]) -> Self {
        let mut command = serve(program, settings);
        let mut child = command.envs(variables.iter().copied()).spawn().expect("the program starts");
        let (sender, receiver) = mpsc::channel();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (lines, stderr) = (Arc::clone(&log), child.stderr.take().expect("its standard error"));
        std::thread::spawn(move || keep(BufReader::new(stderr), &lines, &sender));
        let base = listening(&receiver, &log);
        Self { child, base, log }
    }

    /// Where it listens, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// What it has logged so far.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().expect("nobody panicked").clone()
    }

    /// SIGKILL: it is not asked, and not told.
    pub fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it has ended");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to be done.
        if self.child.kill().is_ok() {
            drop(self.child.wait());
        }
    }
}

/// Keeps every line of the log, and passes on the address that the server listens on.
fn keep(log: impl BufRead, lines: &Mutex<Vec<String>>, listening: &Sender<String>) {
    for line in log.lines().map_while(Result::ok) {
        if let Some((_, address)) = line.split_once(LISTENING) {
            // Nobody waits for a second one.
            drop(listening.send(format!("http://{address}")));
        }
        lines.lock().expect("nobody panicked").push(line);
    }
}

fn listening(receiver: &Receiver<String>, log: &Mutex<Vec<String>>) -> String {
    receiver.recv().unwrap_or_else(|_ended| panic!("the server ended: {:?}", log.lock()))
}
