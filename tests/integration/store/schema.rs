//! The schema: the same on both engines and in the program, and append-only where it is said to be.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use iwrs_tests::database::{Engine, TestDatabase, fresh_database};
use store::schema::CHANGEABLE;
use store::{CONSTRAINTS, Fault, Store};

const SCHEMA: &str = include_str!("../../../crates/store/src/schema.rs");

/// A type of schema.rs, and its names on SQLite and on PostgreSQL.
const TYPES: [(&str, &str, &str); 6] = [
    ("Text", "TEXT", "text"),
    ("Binary", "BLOB", "bytea"),
    ("BigInt", "INTEGER", "bigint"),
    ("Bool", "INTEGER", "boolean"),
    ("Timestamp", "TEXT", "timestamp without time zone"),
    ("Date", "TEXT", "date"),
];

fn answers(database: &TestDatabase, sqlite: &str, postgres: &str) -> Vec<String> {
    let sql = match Engine::from_env() {
        Engine::Sqlite => sqlite,
        Engine::Postgres => postgres,
    };
    database.values(sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn tables(database: &TestDatabase) -> Vec<String> {
    answers(
        database,
        "SELECT name AS value FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'
         AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
        "SELECT table_name::text AS value FROM information_schema.tables WHERE table_schema = 'public'
         AND table_name NOT LIKE '\\_\\_%' ORDER BY 1",
    )
}

/// `column TYPE`, with a `?` when it may be null.
fn columns(database: &TestDatabase, table: &str) -> Vec<String> {
    answers(
        database,
        &format!(
            "SELECT name || ' ' || type || CASE \"notnull\" WHEN 1 THEN '' ELSE '?' END AS value
             FROM pragma_table_info('{table}') ORDER BY cid"
        ),
        &format!(
            "SELECT column_name || ' ' || data_type || CASE is_nullable WHEN 'NO' THEN '' ELSE '?' END
             AS value FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}'
             ORDER BY ordinal_position"
        ),
    )
}

/// Columns with their types.
type Columns = Vec<(String, String)>;

/// The tables of schema.rs: name, primary key, columns with their types there.
fn declared() -> Vec<(String, String, Columns)> {
    let mut tables = Vec::new();
    for block in SCHEMA.split("diesel::table! {").skip(1) {
        let (head, rest) = block.split_once('{').expect("a table has columns");
        let (name, key) = head.trim().split_once(" (").expect("a table has a key");
        let (body, _) = rest.split_once('}').expect("a table ends");
        let lines = body.lines().filter(|line| !line.trim_start().starts_with("//"));
        let columns = lines.filter_map(|line| line.trim().trim_end_matches(',').split_once(" -> "));
        let columns = columns.map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect();
        tables.push((name.to_owned(), key.trim_end_matches(')').to_owned(), columns));
    }
    tables.sort();
    tables
}

#[test]
fn the_tables_are_those_of_the_program() {
    let database = fresh_database();
    let declared = declared();
    let names: Vec<&String> = declared.iter().map(|(name, ..)| name).collect();
    assert_eq!(tables(&database).iter().collect::<Vec<_>>(), names);
    for (table, key, columns_declared) in &declared {
        let wanted: Vec<String> = columns_declared.iter().map(|(name, kind)| column(name, kind)).collect();
        assert_eq!(&columns(&database, table), &wanted, "{table}");
        let key: Vec<String> = key.split(", ").map(|column| format!("{table}.{column}")).collect();
        let constraint = (format!("{table}_pkey"), key.join(", "));
        let listed =
            CONSTRAINTS.iter().any(|(name, columns)| (*name, *columns) == (&constraint.0, &constraint.1));
        assert!(listed, "{constraint:?} is not in constraint.rs");
    }
}

fn column(name: &str, kind: &str) -> String {
    let (inner, null) = match kind.strip_prefix("Nullable<") {
        Some(inner) => (inner.trim_end_matches('>'), "?"),
        None => (kind, ""),
    };
    let known = TYPES.iter().find(|(declared, ..)| *declared == inner);
    let (_, sqlite, postgres) = known.unwrap_or_else(|| panic!("{name} has the type {kind}"));
    match Engine::from_env() {
        Engine::Sqlite => format!("{name} {sqlite}{null}"),
        Engine::Postgres => format!("{name} {postgres}{null}"),
    }
}

#[test]
fn every_unique_constraint_is_known_in_both_spellings() {
    let found: BTreeSet<String> = answers(
        &fresh_database(),
        "SELECT (SELECT group_concat(column_of, ', ') FROM (SELECT m.name || '.' || c.name AS column_of
                 FROM pragma_index_info(i.name) c ORDER BY c.seqno)) AS value
         FROM sqlite_master m, pragma_index_list(m.name) i
         WHERE m.type = 'table' AND i.\"unique\" = 1 AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'",
        "SELECT i.relname || ': ' || (SELECT string_agg(t.relname || '.' || a.attname, ', ' ORDER BY k.place)
                 FROM unnest(x.indkey) WITH ORDINALITY k (number, place)
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number) AS value
         FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
         WHERE t.relnamespace = 'public'::regnamespace AND x.indisunique AND t.relname NOT LIKE '\\_\\_%'",
    )
    .into_iter()
    .collect();
    let known = CONSTRAINTS.iter().map(|(name, columns)| match Engine::from_env() {
        Engine::Sqlite => (*columns).to_owned(),
        Engine::Postgres => format!("{name}: {columns}"),
    });
    assert_eq!(found, known.collect());
}

/// Statements that put a row into a table and then try to change it. PostgreSQL refuses the statement itself, so no
/// row is needed there.
fn changes(database: &TestDatabase, table: &str) -> Vec<String> {
    let columns = columns(database, table);
    let names: Vec<&str> =
        columns.iter().map(|column| column.split(' ').next().unwrap_or_default()).collect();
    let first = names[0];
    let update = format!("UPDATE {table} SET {first} = {first}");
    let delete = format!("DELETE FROM {table}");
    if Engine::from_env() == Engine::Postgres {
        return vec![update, delete, format!("TRUNCATE {table} CASCADE")];
    }
    let values: Vec<&str> = columns.iter().map(|column| literal(column)).collect();
    let row = format!("INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "));
    [update, delete, format!("INSERT OR REPLACE {row}")]
        .map(|change| format!("INSERT {row}; {change}"))
        .to_vec()
}

/// Runs the statements with no check on but the triggers, and undoes them.
fn attempt(database: &TestDatabase, change: &str) -> diesel::QueryResult<()> {
    let unchecked = match Engine::from_env() {
        Engine::Sqlite => {
            "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; PRAGMA recursive_triggers = ON;"
        }
        Engine::Postgres => "",
    };
    database.execute(&format!("{unchecked} BEGIN; {change}; ROLLBACK"))
}

fn literal(column: &str) -> &'static str {
    match column.split(' ').nth(1).unwrap_or_default().trim_end_matches('?') {
        "INTEGER" => "1",
        "BLOB" => "x'00'",
        _ => "'x'",
    }
}

#[test]
fn every_table_is_append_only_unless_it_is_listed_as_changeable() {
    let database = fresh_database();
    let tables = tables(&database);
    for changeable in CHANGEABLE {
        assert!(tables.iter().any(|table| table == changeable), "{changeable} is listed but not there");
    }
    for table in tables.iter().filter(|table| !CHANGEABLE.contains(&table.as_str())) {
        for change in changes(&database, table) {
            let error = attempt(&database, &change).expect_err(&change).to_string();
            assert_eq!(error, format!("{table} is append-only"), "{change}");
        }
    }
    // The same statements pass where they should, so what refuses them above is the trigger and not a mistake.
    // Truncating goes on to the tables that refer to the table, and is rightly refused there.
    for table in CHANGEABLE {
        for change in changes(&database, table).iter().filter(|change| !change.starts_with("TRUNCATE")) {
            attempt(&database, change).unwrap_or_else(|error| panic!("{change}: {error}"));
        }
    }
}

fn migrations(engine: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(engine);
    let folders =
        std::fs::read_dir(&root).expect("the migrations").map(|entry| entry.expect("a folder").path());
    let mut folders: Vec<PathBuf> = folders.collect();
    folders.sort();
    folders
}

fn text(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
}

/// The schema in the engine's own words.
fn dump(database: &TestDatabase) -> Vec<String> {
    answers(
        database,
        "SELECT sql AS value FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '\\_\\_%' ESCAPE '\\'
         ORDER BY name",
        "SELECT value FROM (
            SELECT attrelid::regclass || ' ' || attname || ' ' || atttypid::regtype || ' ' || attnotnull
              AS value FROM pg_attribute JOIN pg_class c ON c.oid = attrelid AND c.relkind = 'r'
             WHERE relnamespace = 'public'::regnamespace AND attnum > 0
            UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
             WHERE connamespace = 'public'::regnamespace
            UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indexrelid
             WHERE relnamespace = 'public'::regnamespace
            UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        ) AS parts WHERE value NOT LIKE '%\\_\\_diesel%' ORDER BY 1",
    )
}

#[test]
fn migrations_go_up_down_and_up_again() {
    let database = fresh_database();
    let folders = match Engine::from_env() {
        Engine::Sqlite => migrations("sqlite"),
        Engine::Postgres => migrations("postgres"),
    };
    let before = dump(&database);
    assert!(before.len() > 20, "the dump sees nothing: {before:?}");
    for folder in folders.iter().rev() {
        let down = text(folder, "down.sql");
        database.execute(&down).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    }
    assert_eq!(dump(&database), Vec::<String>::new(), "left behind");
    for folder in &folders {
        let up = text(folder, "up.sql");
        database.execute(&up).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    }
    assert_eq!(dump(&database), before);
}

/// The lines of a migration without comments, functions and triggers, in SQLite's spelling of the types; and without
/// what SQLite alone is told of the sizes of the tables.
fn plain(sql: &str) -> Vec<String> {
    let sql = sql.split("\nANALYZE sqlite_schema;").next().unwrap_or_default();
    let mut lines = Vec::new();
    let mut inside = false;
    for line in sql.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("--")) {
        inside |= ["CREATE FUNCTION", "CREATE TRIGGER"].iter().any(|start| line.starts_with(start));
        if inside {
            inside = !["$$;", "END;", "refuse_change();"].iter().any(|end| line.ends_with(end));
            continue;
        }
        let words = line.split(' ').map(|word| match word.trim_end_matches(',') {
            "text" | "timestamp" | "date" => word.replace(word.trim_end_matches(','), "TEXT"),
            "bigint" | "boolean" => word.replace(word.trim_end_matches(','), "INTEGER"),
            "bytea" => word.replace("bytea", "BLOB"),
            _ => word.to_owned(),
        });
        lines.push(words.collect::<Vec<_>>().join(" ").replace(") STRICT;", ");"));
    }
    lines
}

/// Columns, keys, checks, references and indexes: the engines' migrations differ in the spelling of types, and in the
/// triggers, which are tried above.
#[test]
fn the_migrations_of_both_engines_say_the_same() {
    let (sqlite, postgres) = (migrations("sqlite"), migrations("postgres"));
    assert!(!sqlite.is_empty() && sqlite.len() == postgres.len());
    for (sqlite, postgres) in sqlite.iter().zip(&postgres) {
        assert_eq!(sqlite.file_name(), postgres.file_name());
        assert_eq!(plain(&text(sqlite, "up.sql")), plain(&text(postgres, "up.sql")), "{}", sqlite.display());
    }
}

/// SQLite is told once how many rows an index finds. Of an index with another name it would know nothing again, and
/// read whole studies.
#[test]
fn every_index_of_which_the_planner_is_told_is_there() {
    let database = fresh_database();
    let (told, unknown) = (
        "SELECT CAST(count(*) > 40 AS text) AS value FROM sqlite_stat1",
        "SELECT tbl || '.' || idx AS value FROM sqlite_stat1 LEFT JOIN sqlite_master m
         ON m.type = 'index' AND m.tbl_name = tbl AND m.name = idx WHERE m.name IS NULL",
    );
    assert_eq!(answers(&database, told, "SELECT '1' AS value"), ["1"]);
    assert_eq!(answers(&database, unknown, "SELECT '' AS value WHERE false"), Vec::<String>::new());
}

#[test]
fn another_schema_is_told_in_one_clear_line() {
    let database = fresh_database();
    let store = Store::open(database.url()).expect("the store opens");
    store.assert_schema_current().expect("it was just migrated");
    store.migrate().expect("there is nothing to do");
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')";
    database.execute(newer).expect("a version of tomorrow");
    let fault = store.assert_schema_current().expect_err("the program is too old");
    assert!(matches!(&fault, Fault::SchemaNew { version } if version == "99990101000000"), "{fault}");
    database.execute("DELETE FROM __diesel_schema_migrations").expect("a schema of yesterday");
    let fault = store.assert_schema_current().expect_err("the schema is too old");
    assert!(
        matches!(fault, Fault::SchemaOld { pending } if pending == migrations("sqlite").len()),
        "{fault}"
    );
    assert!(!fault.to_string().contains('\n'));
}
