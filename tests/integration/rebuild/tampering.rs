//! Somebody with all rights over the database, who changes rows past the store and past the triggers.

use iwrs_tests::database::{Engine, TestDatabase};

/// Columns that no leaf tells of, each with the reason.
const UNTOLD: [(&str, &str); 4] = [
    // When the study was created is read from the clock a second time.
    ("study", "created_at"),
    // A lock, not a fact.
    ("tree_head", "version"),
    // The note says what was signed; when it was, stands in the mail.
    ("checkpoint", "signed_at"),
    // The tree's own name is asked for: rows of another name are another tree's.
    ("checkpoint", "tree"),
];

/// A database whose rows are changed one at a time, and put back.
pub(crate) struct Tampering<'a> {
    database: &'a TestDatabase,
    engine: Engine,
}

impl<'a> Tampering<'a> {
    pub(crate) fn with(database: &'a TestDatabase) -> Self {
        Self { database, engine: Engine::from_env() }
    }

    /// Statements that each change the table otherwise: a row is taken away, or one column of one row is altered.
    pub(super) fn changes(&self, table: &str) -> Vec<String> {
        let (row, here) = (self.row(), of_the_study(table));
        let one = format!("{row} = (SELECT max({row}) FROM {table} WHERE {here})");
        // That a checkpoint was signed is told by no leaf: who holds a copy of one knows.
        let is_told = table != "checkpoint";
        let gone = is_told.then(|| format!("DELETE FROM {table} WHERE {one}"));
        let mut changes: Vec<String> = gone.into_iter().collect();
        for (column, kind) in self.columns(table) {
            if UNTOLD.contains(&(table, column.as_str())) {
                continue;
            }
            let other = self.other(&column, &kind);
            changes.push(format!("UPDATE {table} SET {column} = {other} WHERE {one}"));
        }
        changes
    }

    /// Executes a change, asks what is said of it, and puts the table back as it was.
    pub(super) fn tried(&self, table: &str, change: &str, ask: impl FnOnce()) {
        self.run(&format!("CREATE TABLE kept AS SELECT * FROM {table}"));
        self.execute(table, change);
        ask();
        self.execute(table, &format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept"));
        self.run("DROP TABLE kept");
    }

    /// Executes a change past every trigger and constraint between tables.
    pub(crate) fn execute(&self, table: &str, change: &str) {
        let free = match self.engine {
            Engine::Sqlite => format!(
                "PRAGMA foreign_keys = OFF; DROP TRIGGER IF EXISTS {table}_no_update; \
                 DROP TRIGGER IF EXISTS {table}_no_delete"
            ),
            Engine::Postgres => format!("ALTER TABLE {table} DISABLE TRIGGER ALL"),
        };
        self.run(&format!("{free}; {change}"));
    }

    /// Takes away rows that a change moved out of the study: nobody looks for them there.
    pub(super) fn drop_strays(&self, table: &str) {
        let here = of_the_study(table);
        self.execute(table, &format!("DELETE FROM {table} WHERE NOT ({here})"));
    }

    fn run(&self, sql: &str) {
        self.database.execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// What tells rows apart whatever stands in them.
    fn row(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "rowid",
            Engine::Postgres => "ctid",
        }
    }

    /// The columns of a table with their types.
    fn columns(&self, table: &str) -> Vec<(String, String)> {
        let sql = match self.engine {
            Engine::Sqlite => {
                format!("SELECT name || ' ' || type AS value FROM pragma_table_info('{table}')")
            }
            Engine::Postgres => format!(
                "SELECT column_name || ' ' || data_type AS value FROM information_schema.columns \
                 WHERE table_name = '{table}'"
            ),
        };
        let columns = self.database.values(&sql).expect("the columns");
        let split =
            |column: String| column.split_once(' ').map(|(name, kind)| (name.into(), kind.to_lowercase()));
        columns.into_iter().map(|column| split(column).expect("a name and a type")).collect()
    }

    /// Another value of the column's own form.
    fn other(&self, column: &str, kind: &str) -> String {
        let yes_or_no =
            ["in_window", "needs_second", "released", "given", "closing", "passed"].contains(&column);
        match (kind, self.engine) {
            ("text", Engine::Sqlite) if column.ends_with("_at") => "'2001-01-01 00:00:00'".to_owned(),
            ("text", Engine::Sqlite) if is_day(column) => "'2001-01-01'".to_owned(),
            // What it says, not who signed it, which the check of an export sees.
            ("text", _) if column == "note" => "'x' || note".to_owned(),
            ("text", _) => format!("COALESCE({column}, '') || 'x'"),
            ("integer", _) if yes_or_no => format!("1 - COALESCE({column}, 0)"),
            ("integer" | "bigint", _) => format!("{column} + 100"),
            ("boolean", _) => format!("NOT COALESCE({column}, false)"),
            ("date", _) => "DATE '2001-01-01'".to_owned(),
            ("blob", _) => "zeroblob(32)".to_owned(),
            ("bytea", _) => "decode(repeat('00', 32), 'hex')".to_owned(),
            (kind, _) if kind.starts_with("timestamp") => "TIMESTAMP '2001-01-01 00:00:00'".to_owned(),
            (kind, _) => panic!("{column} is of type {kind}"),
        }
    }
}

/// Whether a text of SQLite is a day.
fn is_day(column: &str) -> bool {
    ["day", "order_day", "through", "label_expiry", "from_expiry", "consent"].contains(&column)
}

/// The rows of a table that are the study's, where the table is shared.
fn of_the_study(table: &str) -> &'static str {
    match table {
        "journal_leaf" | "tree_head" | "checkpoint" => "tree = 'study/imodals'",
        "role_grant" => "study = 'imodals'",
        "role_confirmation" | "role_revocation" => {
            "grant_id IN (SELECT id FROM role_grant WHERE study = 'imodals')"
        }
        "kit_state" | "subject_state" | "list_state" => "study = 'imodals'",
        _ => "1 = 1",
    }
}
