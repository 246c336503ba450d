//! The tables, as both engines hold them; a test compares this file with both.

#![expect(missing_docs, reason = "the columns are described where their rows are: in rows/")]

/// The tables whose rows may change or go. Every other table is append-only on both engines, and a test tries.
pub const CHANGEABLE: &[&str] = &["tree_head", "opening", "data_key", "notice_delivery"];

diesel::table! {
    tree_head (tree) {
        tree -> Text,
        version -> BigInt,
        size -> BigInt,
        frontier -> Binary,
    }
}

diesel::table! {
    journal_leaf (tree, leaf_index) {
        tree -> Text,
        leaf_index -> BigInt,
        leaf -> Binary,
        leaf_hash -> Binary,
        saved_at -> Timestamp,
    }
}

diesel::table! {
    checkpoint (tree, size) {
        tree -> Text,
        size -> BigInt,
        note -> Text,
        signed_at -> Timestamp,
    }
}

diesel::table! {
    opening (id) {
        id -> Text,
        tree -> Text,
        kind -> Text,
        key_version -> BigInt,
        ciphertext -> Binary,
    }
}

diesel::table! {
    data_key (tree, version) {
        tree -> Text,
        version -> BigInt,
        wrapped -> Binary,
    }
}

diesel::table! {
    study (id) {
        id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    study_design (study, version) {
        study -> Text,
        version -> BigInt,
        design -> Text,
        fingerprint -> Text,
        sealed_opening -> Text,
        loaded_at -> Timestamp,
    }
}

diesel::table! {
    receipt (study, idem_key) {
        study -> Text,
        idem_key -> Text,
        user_id -> Text,
        action -> Text,
        body_hash -> Binary,
        outcome -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    receipt_replay (study, head_version) {
        study -> Text,
        head_version -> BigInt,
        idem_key -> Text,
        replayed_at -> Timestamp,
    }
}

diesel::table! {
    notice (id) {
        id -> Text,
        tree -> Text,
        recipient -> Text,
        template -> Text,
        params -> Text,
        audience -> Text,
        queued_at -> Timestamp,
    }
}

diesel::table! {
    notice_delivery (notice) {
        notice -> Text,
        attempts -> BigInt,
        due_at -> Timestamp,
        delivered_at -> Nullable<Timestamp>,
    }
}

diesel::joinable!(notice_delivery -> notice (notice));
diesel::allow_tables_to_appear_in_same_query!(notice, notice_delivery);
