//! A real failover on PostgreSQL: a cluster that is started again is the same, and a standby that was promoted is not.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use iwrs::Running;
use iwrs_tests::app::{TestApp, World};
use iwrs_tests::client::Expect;
use iwrs_tests::database::{Engine, TestDatabase, fresh_database};
use iwrs_tests::folder::TempFolder;
use serde_json::json;
use service::trust::{Distrust, Trust, accept};

use crate::trust::{at, checkpoint, distrusts, randomize, service_in, sign_and_post};

/// A cluster for one test, in a folder of its own.
struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
}

impl Cluster {
    fn at(programs: &Path, folder: &Path) -> Self {
        let cluster = Self { programs: programs.to_owned(), folder: folder.to_owned() };
        fs::create_dir(&cluster.folder).expect("a folder");
        if is_root() {
            let mut chown = Command::new("chown");
            assert!(chown.arg("postgres").arg(&cluster.folder).status().expect("chown runs").success());
        }
        cluster
    }

    /// Runs one of the server's programs, which refuse to run as root.
    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.programs.join(program).display().to_string();
        let mut command = if is_root() {
            let words = [&[program.as_str()], arguments].concat();
            let line: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
            let mut command = Command::new("su");
            command.args(["-s", "/bin/sh", "postgres", "-c", &line.join(" ")]).current_dir("/");
            command
        } else {
            let mut command = Command::new(program);
            command.args(arguments);
            command
        };
        let log = self.folder.join("programs");
        let output = fs::File::options().create(true).append(true).open(&log).expect("a log");
        let errors = output.try_clone().expect("the same log");
        let status = command.stdout(output).stderr(errors).status().expect("it runs");
        let said = || fs::read_to_string(&log).unwrap_or_default();
        assert!(status.success(), "{arguments:?}: {}", said());
    }

    fn make(&self) {
        let data = self.data();
        self.run(
            "initdb",
            &["-D", &data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
        );
    }

    fn control(&self, what: &str) {
        let (data, log) = (self.data(), self.text("log"));
        let options = format!("-c listen_addresses= -c unix_socket_directories={}", self.folder.display());
        self.run("pg_ctl", &["-D", &data, "-l", &log, "-o", &options, "-m", "fast", "-w", what]);
    }

    /// Copies a running cluster, to follow it as its standby.
    fn follow(&self, primary: &Self) {
        let data = self.data();
        self.run("pg_basebackup", &["-D", &data, "-d", &primary.url("postgres"), "-R", "-c", "fast"]);
    }

    fn data(&self) -> String {
        self.text("data")
    }

    fn text(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn url(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&user=postgres", self.folder.display())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if Path::new(&self.data()).join("postmaster.pid").exists() {
            self.control("stop");
        }
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Where the programs of the server lie that this run tests on.
fn programs() -> PathBuf {
    let found = fresh_database().values("SELECT setting AS value FROM pg_config WHERE name = 'BINDIR'");
    PathBuf::from(found.expect("the tests run as the server's superuser").remove(0))
}

/// The name of the database in a URL of the harness.
fn name_in(url: &str) -> &str {
    url.trim_start_matches("postgres:///").split('?').next().unwrap_or_default()
}

#[test]
fn a_restarted_cluster_goes_on_and_a_promoted_standby_waits_for_a_proof() {
    if Engine::from_env() == Engine::Sqlite {
        return; // The same for a file is in `trust`.
    }
    let (home, state) = (TempFolder::new(), TempFolder::new());
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).expect("postgres may enter");
    let primary = Cluster::at(&programs(), &home.path().join("p"));
    primary.make();
    primary.control("start");
    let trust = Trust::in_folder(state.path()).expect("a state folder");
    let database = TestDatabase::on_server(&primary.url("postgres"));
    let app = TestApp::on(database, World { trust, ..World::default() });
    app.randomize("S-001", 1960, "female");
    primary.control("restart");
    let restarted = service_in(app.database.url(), state.path());
    let running = Running::start(&restarted).expect("the server starts");
    assert_eq!(distrusts(&restarted), []);
    randomize(&app, &running, "S-002").expect(201);
    let note = checkpoint(&app);
    drop((running, restarted));

    let standby = Cluster::at(&programs(), &home.path().join("s"));
    standby.follow(&primary);
    primary.control("stop");
    standby.control("start");
    let service = service_in(&standby.url(name_in(app.database.url())), state.path());
    let running = Running::start(&service).expect("the server starts");
    assert_eq!(distrusts(&service), [Distrust::Moved], "nothing can be written to a standby anyway");
    standby.control("promote");
    // The connections that were opened to the standby live on.
    assert_eq!(distrusts(&service), [Distrust::Moved]);
    assert_eq!(randomize(&app, &running, "S-003").problem(503), "allocations-stopped");
    let broken = json!({ "screening_number": "S-001", "reason": "overdose" });
    let investigator = at(&app, &running, "investigator");
    sign_and_post(&investigator, "unblind", &app.path("/unblindings"), &broken).expect(201);
    accept(&service, &note).expect("a prefix");
    randomize(&app, &running, "S-004").expect(201);
    standby.control("restart");
    assert_eq!(distrusts(&service_in(&standby.url(name_in(app.database.url())), state.path())), []);
    // The harness drops its database in the end, on the cluster that it was made on.
    drop((running, service));
    standby.control("stop");
    primary.control("start");
}
