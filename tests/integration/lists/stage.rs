//! A study with people of every role, played through the use cases themselves.

use std::cell::Cell;
use std::path::Path;

use iwrs_tests::app::{MASTER_KEY, World, service};
use iwrs_tests::database::{Engine, TestDatabase, fresh_database};
use service::clock::Clock;
use service::keys::{Kind, MasterKey, Place, Sealer};
use service::request::{Caller, Envelope, IdempotencyKey, request_digest};
use service::study::{self, NewSite};
use service::{Failure, Shared};
use store::rows::{data_key, leaf, list, opening, password, person, role, session};
use store::{Store, Tree, Tx};
use terms::{Id, ListId, SiteId, StudyId, UserId};
use trial::{Action, HeldRole, Refusal, Role};

pub(super) const SITE: &str = "34-001";
pub(super) const OTHER_SITE: &str = "34-002";

pub(super) fn id<K>(text: &str) -> Id<K> {
    Id::parse(text).unwrap_or_else(|bad| panic!("{text}: {bad}"))
}

/// A file of the product's own configuration, or of the tests' data.
pub(super) fn file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(super) fn three_arms() -> (String, String) {
    (file("config/imodals.toml"), file("config/imodals.sealed.toml"))
}

pub(super) fn four_arms() -> (String, String) {
    (file("tests/data/imodals-4-arms.toml"), file("tests/data/imodals-4-arms.sealed.toml"))
}

/// A service on a fresh database, with one study.
pub(super) struct Stage {
    pub(super) database: TestDatabase,
    pub(super) service: Shared,
    pub(super) store: Store,
    pub(super) study: StudyId,
    pub(super) clock: Clock,
    next: Cell<u64>,
}

impl Stage {
    /// IMODALS as it is shipped, with two sites.
    pub(super) fn imodals() -> Self {
        Self::with(&three_arms())
    }

    pub(super) fn with((design, sealed): &(String, String)) -> Self {
        let database = fresh_database();
        let store = Store::open(database.url()).expect("the store opens");
        let (service, clock) = service(database.url(), World::default());
        store.create_tree(&Tree::Installation).expect("the installation's tree");
        let study = study::open(&service, design, sealed).expect("the study opens");
        for site in [SITE, OTHER_SITE] {
            let new = NewSite {
                id: id(site),
                name: site.to_owned(),
                time_zone: "Europe/Paris".to_owned(),
                country: "FR".parse().expect("a country"),
            };
            study::add_site(&service, &study, new).expect("the site is added");
        }
        Self { database, service, store, study, clock, next: Cell::new(0) }
    }

    /// A person with this role and a log-in; a role of a site is held at the first one.
    pub(super) fn person(&self, role: Role) -> Caller {
        let number = self.count();
        let user: UserId = id(&format!("user-{number}"));
        let session = id(&format!("session-{number}"));
        let caller = Caller { user: user.clone(), session };
        let (now, log_in) = (self.clock.now(), caller.clone());
        self.write(Tree::Installation, move |tx| {
            let (display_name, email) = (log_in.user.to_string(), "somebody@test.invalid".to_owned());
            let new = person::Person {
                id: log_in.user.clone(),
                display_name,
                email,
                invited_by: None,
                invited_at: now,
            };
            person::add(tx, &new)?;
            let own = password::Password { hash: String::new(), one_time: false };
            password::set(tx, &log_in.user, &own, now)?;
            let (id, user, ends_at) = (log_in.session.clone(), log_in.user.clone(), now.plus_seconds(86_400));
            Ok(session::start(
                tx,
                &session::Session { id, user, ends_at, last_used_at: now, code_given_at: None },
            )?)
        });
        let site = role.is_of_a_site().then(|| id::<terms::ids::Site>(SITE));
        let held = HeldRole { role, study: Some(self.study.clone()), site };
        self.write(Tree::Study(self.study.clone()), move |tx| {
            let grant = role::Grant {
                id: id(&format!("grant-{number}")),
                user: user.clone(),
                held: held.clone(),
                reason: id("none"),
                needs_second: false,
                granted_by: None,
                granted_at: now,
                confirmed: false,
                revoked_at: None,
            };
            Ok(role::add(tx, &grant)?)
        });
        caller
    }

    /// The envelope of a new, signed request.
    pub(super) fn signed(&self, caller: &Caller, action: Action) -> Envelope {
        let unsigned = self.unsigned(caller, action);
        let hash = request_digest("token", &unsigned.digest);
        let (now, envelope) = (self.clock.now(), unsigned.clone());
        self.write(Tree::Installation, move |tx| {
            let new = session::Signing {
                hash,
                user: envelope.caller.user.clone(),
                session: envelope.caller.session.clone(),
                action: envelope.action.to_string(),
                request: envelope.digest,
                issued_at: now,
                expires_at: now.plus_seconds(60),
            };
            Ok(session::add_signing(tx, &new)?)
        });
        Envelope { signature: Some(hash), ..unsigned }
    }

    pub(super) fn unsigned(&self, caller: &Caller, action: Action) -> Envelope {
        let key: IdempotencyKey = id(&format!("key-{}", self.count()));
        let digest = request_digest("/", key.as_str().as_bytes());
        Envelope { caller: caller.clone(), study: self.study.clone(), action, key, digest, signature: None }
    }

    /// The seed of a list, opened with the master key as after the final release.
    pub(super) fn seed(&self, list: &ListId) -> [u8; 32] {
        let tree = Tree::Study(self.study.clone());
        let read = self.store.read::<_, Refusal>(|conn| {
            let list = list::find(conn, &self.study, list)?.expect("the list");
            let sealed = opening::get(conn, &tree, &list.seed)?.expect("the opening");
            Ok((sealed, data_key::get(conn, &tree, 1)?.expect("the data key")))
        });
        let (sealed, wrapped) = read.expect("the rows");
        let key = master().unwrap(&self.study, 1, &wrapped.wrapped).expect("the master key fits");
        let place = Place { study: self.study.clone(), kind: Kind::Seed, opening: sealed.id };
        let Ok(opened) = Sealer::Real.open(&key, &place, &sealed.ciphertext) else { panic!("does not open") };
        opened.value.as_slice().try_into().expect("32 bytes")
    }

    /// The kinds of the study's leaves, in order.
    pub(super) fn acts(&self) -> Vec<String> {
        self.leaves().iter().map(|leaf| leaf["act"]["kind"].as_str().expect("a kind").to_owned()).collect()
    }

    pub(super) fn leaves(&self) -> Vec<serde_json::Value> {
        let tree = Tree::Study(self.study.clone());
        let leaves = self.store.read::<_, Refusal>(|conn| Ok(leaf::page(conn, &tree, 0, 1_000)?));
        let leaves = leaves.expect("the leaves");
        leaves.iter().map(|leaf| serde_json::from_slice(&leaf.canonical).expect("a leaf is JSON")).collect()
    }

    /// The one answer of a query.
    pub(super) fn value(&self, sql: &str) -> String {
        let values = self.database.values(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let [value] = values.as_slice() else { panic!("{sql}: {values:?}") };
        value.clone()
    }

    /// Runs statements with the append-only triggers of these tables out of the way, as somebody with all rights over
    /// the database could.
    pub(super) fn tamper(&self, table: &str, statement: &str) {
        let free = match Engine::from_env() {
            Engine::Sqlite => format!("DROP TRIGGER IF EXISTS {table}_no_update"),
            Engine::Postgres => format!("ALTER TABLE {table} DISABLE TRIGGER USER"),
        };
        self.database.execute(&format!("{free}; {statement}")).unwrap_or_else(|e| panic!("{statement}: {e}"));
    }

    pub(super) fn write(
        &self,
        tree: Tree,
        f: impl Fn(&mut Tx) -> Result<(), store::Failure<Refusal>> + Send + 'static,
    ) {
        self.store.write(tree, f).expect("the rows are written");
    }

    fn count(&self) -> u64 {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }
}

/// The refusal of an act that must be refused.
pub(super) fn refusal<T>(outcome: Result<T, Failure>) -> Refusal {
    match outcome {
        Err(Failure::Refusal(refusal)) => refusal,
        Err(Failure::Fault(fault)) => panic!("a fault: {fault:?}"),
        Ok(_) => panic!("not refused"),
    }
}

pub(super) fn site(text: &str) -> SiteId {
    id(text)
}

fn master() -> MasterKey {
    MasterKey::from_text("the test's key", MASTER_KEY).expect("a master key")
}
