//! The unique constraints, in both spellings.

use diesel::result::DatabaseErrorInformation;

/// Every unique constraint: its name on PostgreSQL, which is the name used in this code, and the columns by which
/// SQLite calls it.
pub const CONSTRAINTS: &[(&str, &str)] = &[
    ("checkpoint_pkey", "checkpoint.tree, checkpoint.size"),
    ("data_key_pkey", "data_key.tree, data_key.version"),
    ("journal_leaf_pkey", "journal_leaf.tree, journal_leaf.leaf_index"),
    ("notice_delivery_pkey", "notice_delivery.notice"),
    ("notice_pkey", "notice.id"),
    ("opening_pkey", "opening.id"),
    ("receipt_pkey", "receipt.study, receipt.idem_key"),
    ("receipt_replay_pkey", "receipt_replay.study, receipt_replay.head_version"),
    ("study_design_pkey", "study_design.study, study_design.version"),
    ("study_pkey", "study.id"),
    ("tree_head_pkey", "tree_head.tree"),
];

/// The constraint that an error is about; PostgreSQL says its name, SQLite its columns within the message.
pub(crate) fn violated(info: &(dyn DatabaseErrorInformation + Send + Sync)) -> &'static str {
    let columns = info.message().strip_prefix("UNIQUE constraint failed: ");
    CONSTRAINTS
        .iter()
        .find(|(name, spelling)| info.constraint_name() == Some(*name) || columns == Some(*spelling))
        .map_or("(unlisted)", |(name, _)| name)
}
