//! The product as a test starts it: a fresh database, the real server on a port of its own, people for every role.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use iwrs::Running;
use iwrs::demo::{Cast, Files, pack, stage};
use journal::SigningKey;
use serde_json::{Value, json};
use service::break_file::BreakFile;
use service::clock::Clock;
use service::entropy::Entropy;
use service::keys::{MasterKey, Sealer, SecretFile};
use service::passwords::{self, Passwords};
use service::people::SecondFactorRule;
use service::study::{NewSite, add_site};
use service::tokens::TokenKeys;
use service::trust::Trust;
use service::{Parts, Service, Shared};
use store::Store;
use terms::{Id, Moment, StudyId};

use crate::client::{Client, Expect};
use crate::database::{TestDatabase, fresh_database};

/// What differs between the services of two tests.
pub struct World {
    /// The time at the start.
    pub now: Moment,
    /// How values are sealed.
    pub sealer: Sealer,
    /// The randomness of ids, salts, seeds and tokens.
    pub entropy: Entropy,
    /// What hashing a password costs.
    pub passwords: passwords::Settings,
    /// What is remembered of the journals.
    pub trust: Trust,
    /// The folder of the break file; none when there is none.
    pub breaks: Option<PathBuf>,
    /// The public design; the demo's own when none.
    pub design: Option<String>,
    /// The sealed design; the demo's own when none.
    pub sealed_design: Option<String>,
    /// The name under which checkpoints are signed.
    pub signer: &'static str,
    /// Whether unblinded people and administrators must have a second factor.
    pub second_factor: SecondFactorRule,
}

impl Default for World {
    /// A Monday in October 2015, the real sealer, the system's randomness, cheap passwords, the demo's design.
    fn default() -> Self {
        Self {
            now: Moment::parse("2015-10-05T08:00:00Z").expect("an instant"),
            sealer: Sealer::Real,
            entropy: Entropy::System,
            passwords: passwords::Settings::CHEAP,
            trust: Trust::in_process(),
            breaks: None,
            design: None,
            sealed_design: None,
            signer: "iwrs-test",
            second_factor: SecondFactorRule::Offered,
        }
    }
}

/// The seed of the key that signs checkpoints in tests.
pub const CHECKPOINT_SEED: [u8; 32] = [8; 32];
/// The master key of tests, in hexadecimal.
pub const MASTER_KEY: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";
/// The seed of the key that signs access tokens in tests.
pub const TOKEN_SEED: [u8; 32] = [7; 32];

/// A service on this database, with a clock that is moved by hand.
pub fn service(url: &str, world: World) -> (Shared, Clock) {
    let clock = Clock::fixed(world.now);
    let master = MasterKey::from_text("the master key of tests", MASTER_KEY).expect("a master key");
    let breaks = world.breaks.map(|folder| BreakFile::in_folder(&folder, &master));
    let parts = Parts {
        store: Store::open(url).expect("the store opens"),
        clock: clock.clone(),
        breaks: breaks.unwrap_or_else(BreakFile::nowhere),
        master,
        sealer: world.sealer,
        passwords: Passwords::new(world.passwords, &world.entropy).expect("passwords"),
        tokens: TokenKeys::new(&SecretFile::from_bytes(TOKEN_SEED), None).expect("token keys"),
        checkpoints: SigningKey::from_seed(world.signer, CHECKPOINT_SEED).expect("a signing key"),
        trust: world.trust,
        second_factor: world.second_factor,
        entropy: world.entropy,
    };
    (Arc::new(Service::new(parts)), clock)
}

/// IMODALS on a fresh database, with a list in use and 144 kits on the shelf of its one site.
pub struct TestApp {
    /// The people, logged in. Their log-in names are those of `config/demo.toml`.
    pub cast: Cast,
    /// The time.
    pub clock: Clock,
    /// The service behind the server.
    pub service: Shared,
    // The order of dropping: the server before the database.
    running: Running,
    /// The database.
    pub database: TestDatabase,
}

impl TestApp {
    /// Starts IMODALS in the default world.
    pub fn imodals() -> Self {
        Self::in_world(World::default())
    }

    /// Starts IMODALS in a world.
    pub fn in_world(world: World) -> Self {
        Self::on(fresh_database(), world)
    }

    /// Starts IMODALS in a world, on a database in which nothing is.
    pub fn on(database: TestDatabase, world: World) -> Self {
        Self::planned(database, world, files())
    }

    /// Starts a study in a world, with the people, the site and the kits of these files; the designs of the world, if
    /// it has any, are those of the study.
    pub fn planned(database: TestDatabase, world: World, mut files: Files) -> Self {
        let (design, sealed) = (world.design.clone(), world.sealed_design.clone());
        let (service, clock) = service(database.url(), world);
        let running = Running::start(&service).expect("the server starts");
        files.design = design.unwrap_or(files.design);
        files.sealed = sealed.unwrap_or(files.sealed);
        let cast = stage(&service, running.base(), &files).expect("the study is staged");
        Self { cast, clock, service, running, database }
    }

    /// Where the server listens.
    pub fn base(&self) -> &str {
        self.running.base()
    }

    /// Somebody of the cast, by the log-in name.
    #[track_caller]
    pub fn person(&self, login: &str) -> Client {
        Client(self.cast.person(login).expect("somebody of the cast").clone())
    }

    /// Somebody who is not logged in.
    pub fn anonymous(&self) -> Client {
        Client::anonymous(self.base())
    }

    /// An address under the study.
    pub fn path(&self, rest: &str) -> String {
        self.cast.path(rest)
    }

    /// Adds a second site, which has nobody and no kit.
    pub fn add_site(&self, id: &str) {
        let study = StudyId::parse("imodals").expect("a study id");
        let site = NewSite {
            id: Id::parse(id).expect("a site id"),
            name: "Second Hospital".to_owned(),
            time_zone: "Europe/London".to_owned(),
            country: "FR".parse().expect("a country"),
        };
        add_site(&self.service, &study, site).expect("the site is added");
    }

    /// Makes another person with a role, granted by one administrator and, where it takes two, confirmed by another.
    #[track_caller]
    pub fn add_person(&self, login: &str, role: &str, site: Option<&str>) -> Client {
        let admin = self.person("admin");
        let email = format!("{login}@test.invalid");
        let invitation = json!({ "login": login, "display_name": login, "email": email });
        let invited = admin.post("/users", &invitation).expect(201);
        let one_time = invited["invitation"]["one_time_password"].as_str().expect("a password");
        let password = format!("a long passphrase of {login}");
        let client = iwrs::client::Client::first_log_in(self.base(), login, one_time, &password);
        self.grant(login, role, site);
        Client(client.expect("a first log-in"))
    }

    /// Grants a role, by one administrator and, where it takes two, by another.
    #[track_caller]
    pub fn grant(&self, login: &str, role: &str, site: Option<&str>) {
        let body = json!({ "role": role, "study": "imodals", "site": site, "reason": "for the test" });
        let path = format!("/users/{login}/grants");
        let granted = self.person("admin").sign_and_post("grant_role", &path, &body).expect(201);
        if role.parse::<trial::Role>().expect("a role").is_unblinded() {
            let path = format!("{path}/{}/confirmation", granted["grant"]["id"].as_str().expect("an id"));
            self.person("admin2").sign_and_post("grant_role", &path, &json!({})).expect(201);
        }
    }

    /// Has a registered batch packed and its sample checked, so that it can be released.
    #[track_caller]
    pub fn pack(&self, batch: &str) {
        pack(&self.cast, batch).expect("the batch is packed");
    }

    /// Enters a subject at the cast's site.
    #[track_caller]
    pub fn screen(&self, subject: &str, birth_year: u16, sex: &str) {
        let body = json!({
            "screening_number": subject, "site": "34-001", "birth_year": birth_year, "sex": sex,
        });
        self.person("investigator").post(&self.path("/subjects"), &body).expect(201);
    }

    /// Enters and randomizes a subject at the cast's site.
    #[track_caller]
    pub fn randomize(&self, subject: &str, birth_year: u16, sex: &str) -> Value {
        self.screen(subject, birth_year, sex);
        let path = self.path(&format!("/subjects/{subject}/randomization"));
        self.person("investigator").sign_and_post("randomize", &path, &eligible()).expect(201)
    }
}

/// A randomization's body: every criterion fulfilled.
pub fn eligible() -> Value {
    let design = trial::study::StudyDesign::from_toml(&files().design).expect("a design");
    let answers: serde_json::Map<String, Value> =
        design.criteria.iter().map(|criterion| (criterion.id.clone(), json!("yes"))).collect();
    json!({ "consent_date": "2015-10-01", "answers": answers })
}

/// The files of the demo.
pub fn files() -> Files {
    Files::read(&root().join("config")).expect("the demo's files")
}

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the repository")
}
