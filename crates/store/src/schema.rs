//! The tables, as both engines hold them; a test compares this file with both.

#![expect(missing_docs, reason = "the columns are described where their rows are: in rows/")]

/// The tables whose rows may change or go. Every other table is append-only on both engines, and a test tries.
pub const CHANGEABLE: &[&str] = &[
    "tree_head",
    "opening",
    "data_key",
    "notice_delivery",
    "grant_head",
    "password",
    "session",
    "refresh_token",
    "browser_token",
    "second_factor",
    "second_factor_offer",
    "recovery_code",
    "signing_token",
    "subject_state",
    "list_state",
    "kit_state",
];

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
        about -> Nullable<Text>,
    }
}

diesel::table! {
    notice_delivery (notice) {
        notice -> Text,
        attempts -> BigInt,
        due_at -> Timestamp,
        delivered_at -> Nullable<Timestamp>,
        given_up_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    person (id) {
        id -> Text,
        display_name -> Text,
        email -> Text,
        invited_by -> Nullable<Text>,
        invited_at -> Timestamp,
    }
}

diesel::table! {
    grant_head (user_id) {
        user_id -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    password (user_id) {
        user_id -> Text,
        hash -> Text,
        one_time -> Bool,
        set_at -> Timestamp,
    }
}

diesel::table! {
    reset_proposal (user_id, entry) {
        user_id -> Text,
        entry -> BigInt,
        proposed_by -> Text,
        proposed_at -> Timestamp,
    }
}

diesel::table! {
    session (id) {
        id -> Text,
        user_id -> Text,
        started_at -> Timestamp,
        ends_at -> Timestamp,
        last_used_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        code_given_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    second_factor (user_id) {
        user_id -> Text,
        opening -> Text,
        drift -> BigInt,
        last_step -> BigInt,
        set_at -> Timestamp,
    }
}

diesel::table! {
    second_factor_offer (user_id) {
        user_id -> Text,
        opening -> Text,
        offered_at -> Timestamp,
    }
}

diesel::table! {
    recovery_code (user_id, hash) {
        user_id -> Text,
        hash -> Binary,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    account_receipt (hash) {
        hash -> Binary,
        outcome -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    refresh_token (hash) {
        hash -> Binary,
        session -> Text,
        issued_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    browser_token (hash) {
        hash -> Binary,
        session -> Text,
        issued_at -> Timestamp,
    }
}

diesel::table! {
    signing_token (hash) {
        hash -> Binary,
        user_id -> Text,
        session -> Text,
        action -> Text,
        body_hash -> Binary,
        issued_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    role_grant (id) {
        id -> Text,
        user_id -> Text,
        role -> Text,
        study -> Nullable<Text>,
        site -> Nullable<Text>,
        reason_opening -> Text,
        needs_second -> Bool,
        granted_by -> Nullable<Text>,
        granted_at -> Timestamp,
    }
}

diesel::table! {
    role_confirmation (grant_id) {
        grant_id -> Text,
        confirmed_by -> Text,
        confirmed_at -> Timestamp,
    }
}

diesel::table! {
    role_revocation (grant_id) {
        grant_id -> Text,
        reason_opening -> Text,
        revoked_by -> Text,
        revoked_at -> Timestamp,
    }
}

diesel::table! {
    site (study, id) {
        study -> Text,
        id -> Text,
        name -> Text,
        time_zone -> Text,
        added_at -> Timestamp,
        country -> Text,
    }
}

diesel::table! {
    recipient (id) {
        id -> Text,
        study -> Text,
        site -> Nullable<Text>,
        email -> Text,
        unblinded -> Bool,
        added_at -> Timestamp,
    }
}

diesel::table! {
    study_secret (study) {
        study -> Text,
        kit_number_opening -> Text,
        pick_opening -> Text,
    }
}

diesel::table! {
    hold (id) {
        id -> Text,
        study -> Text,
        site -> Nullable<Text>,
        hold_on -> Text,
        reason_opening -> Text,
        placed_by -> Text,
        placed_at -> Timestamp,
    }
}

diesel::table! {
    hold_release (hold) {
        hold -> Text,
        reason_opening -> Text,
        released_by -> Text,
        released_at -> Timestamp,
    }
}

diesel::table! {
    subject (study, id) {
        study -> Text,
        id -> Text,
        site -> Text,
        birth_year -> BigInt,
        sex -> Text,
        duplicate_opening -> Nullable<Text>,
        screened_by -> Text,
        screened_at -> Timestamp,
    }
}

diesel::table! {
    subject_state (study, subject) {
        study -> Text,
        subject -> Text,
        state -> Text,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    subject_end (study, subject, state) {
        study -> Text,
        subject -> Text,
        state -> Text,
        reason -> Nullable<Text>,
        criteria -> Nullable<Text>,
        ended_by -> Text,
        ended_at -> Timestamp,
    }
}

diesel::table! {
    visit_record (study, subject, visit, entry) {
        study -> Text,
        subject -> Text,
        visit -> Text,
        entry -> BigInt,
        day -> Date,
        in_window -> Nullable<Bool>,
        correction_opening -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    allocation_list (id) {
        id -> Text,
        study -> Text,
        design_version -> BigInt,
        algorithm -> Text,
        root -> Binary,
        seed_opening -> Text,
        generated_by -> Text,
        generated_at -> Timestamp,
    }
}

diesel::table! {
    list_position (list, stratum, position) {
        list -> Text,
        stratum -> BigInt,
        position -> BigInt,
        opening -> Text,
    }
}

diesel::table! {
    list_change (list, state) {
        list -> Text,
        state -> Text,
        reason_opening -> Nullable<Text>,
        changed_by -> Text,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    list_state (list) {
        list -> Text,
        study -> Text,
        state -> Text,
    }
}

diesel::table! {
    randomization (study, subject) {
        study -> Text,
        subject -> Text,
        site -> Text,
        number -> BigInt,
        list -> Text,
        stratum -> BigInt,
        position -> BigInt,
        consent -> Date,
        design_version -> BigInt,
        randomized_by -> Text,
        randomized_at -> Timestamp,
    }
}

diesel::table! {
    unblinding (id) {
        id -> Text,
        study -> Text,
        subject -> Text,
        reason -> Text,
        found_by -> Text,
        broken_by -> Text,
        broken_at -> Timestamp,
    }
}

diesel::table! {
    unblinding_note (unblinding, entry) {
        unblinding -> Text,
        entry -> BigInt,
        opening -> Text,
        noted_by -> Text,
        noted_at -> Timestamp,
    }
}

diesel::table! {
    batch (study, id) {
        study -> Text,
        id -> Text,
        label_expiry -> Date,
        lots_opening -> Text,
        registered_by -> Text,
        registered_at -> Timestamp,
    }
}

diesel::table! {
    batch_step (study, batch, country, step) {
        study -> Text,
        batch -> Text,
        country -> Text,
        step -> Text,
        taken_by -> Text,
        taken_at -> Timestamp,
    }
}

diesel::table! {
    depot (study, id) {
        study -> Text,
        id -> Text,
        name -> Text,
        country -> Text,
        added_at -> Timestamp,
    }
}

diesel::table! {
    resupply_plan (study, site, order_day) {
        study -> Text,
        site -> Text,
        order_day -> Date,
        from_depot -> Nullable<Text>,
        groups -> BigInt,
        reasons -> Text,
        shipment -> Nullable<Text>,
        planned_by -> Text,
        planned_at -> Timestamp,
    }
}

diesel::table! {
    shipment (study, id) {
        study -> Text,
        id -> Text,
        from_depot -> Nullable<Text>,
        to_depot -> Nullable<Text>,
        to_site -> Nullable<Text>,
        groups -> BigInt,
        picked_by -> Text,
        picked_at -> Timestamp,
    }
}

diesel::table! {
    shipment_kit (study, shipment, kit) {
        study -> Text,
        shipment -> Text,
        kit -> Text,
    }
}

diesel::table! {
    shipment_step (study, shipment, step) {
        study -> Text,
        shipment -> Text,
        step -> Text,
        entry -> BigInt,
        taken_by -> Text,
        taken_at -> Timestamp,
    }
}

diesel::table! {
    kit (study, number) {
        study -> Text,
        number -> Text,
        batch -> Text,
        opening -> Text,
    }
}

diesel::table! {
    kit_state (study, kit) {
        study -> Text,
        kit -> Text,
        state -> Text,
        site -> Nullable<Text>,
        subject -> Nullable<Text>,
        visit -> Nullable<Text>,
        depot -> Nullable<Text>,
        shipment -> Nullable<Text>,
        released -> Bool,
        given -> Bool,
    }
}

diesel::table! {
    movement (study, entry, kit, kit_move) {
        study -> Text,
        entry -> BigInt,
        kit -> Text,
        from_state -> Nullable<Text>,
        to_state -> Text,
        kit_move -> Text,
        site -> Nullable<Text>,
        subject -> Nullable<Text>,
        visit -> Nullable<Text>,
        happened_at -> Timestamp,
        recorded_at -> Timestamp,
        reason -> Nullable<Text>,
        depot -> Nullable<Text>,
        shipment -> Nullable<Text>,
    }
}

diesel::table! {
    kit_allocation (study, subject, visit, attempt, slot) {
        study -> Text,
        subject -> Text,
        visit -> Text,
        attempt -> BigInt,
        slot -> BigInt,
        kit -> Text,
        through -> Date,
        allocated_at -> Timestamp,
    }
}

diesel::table! {
    dispensation (id) {
        id -> Text,
        study -> Text,
        subject -> Text,
        visit -> Text,
        attempt -> BigInt,
        day -> Date,
        in_window -> Bool,
        reason_opening -> Nullable<Text>,
        dispensed_by -> Text,
        dispensed_at -> Timestamp,
    }
}

diesel::table! {
    handover (study, kit) {
        study -> Text,
        kit -> Text,
        dispensation -> Text,
        handed_by -> Text,
        handed_at -> Timestamp,
    }
}

diesel::table! {
    kit_replacement (study, kit) {
        study -> Text,
        kit -> Text,
        dispensation -> Text,
        attempt -> BigInt,
        new_kit -> Text,
        why -> Text,
        over_limit -> Bool,
        reason_opening -> Nullable<Text>,
        replaced_by -> Text,
        replaced_at -> Timestamp,
    }
}

diesel::table! {
    kit_check (study, entry) {
        study -> Text,
        entry -> BigInt,
        dispensation -> Text,
        kit -> Text,
        checked_by -> Text,
        checked_at -> Timestamp,
    }
}

diesel::table! {
    wrong_scan (dispensation, entry) {
        dispensation -> Text,
        entry -> BigInt,
        opening -> Text,
        scanned_by -> Text,
        scanned_at -> Timestamp,
    }
}

diesel::table! {
    prepared_unit (study, number) {
        study -> Text,
        number -> Text,
        kit -> Text,
        subject -> Text,
        preparation -> Text,
        hours -> BigInt,
        entry -> BigInt,
        prepared_by -> Text,
        prepared_at -> Timestamp,
    }
}

diesel::table! {
    unit_end (study, unit) {
        study -> Text,
        unit -> Text,
        became -> Text,
        entry -> BigInt,
        reason_opening -> Nullable<Text>,
        ended_by -> Text,
        ended_at -> Timestamp,
    }
}

diesel::table! {
    unit_stop (study, entry) {
        study -> Text,
        entry -> BigInt,
        subject -> Text,
        unit -> Nullable<Text>,
        opening -> Nullable<Text>,
        stopped_by -> Text,
        stopped_at -> Timestamp,
    }
}

diesel::table! {
    kit_count (study, entry) {
        study -> Text,
        entry -> BigInt,
        kit -> Text,
        used -> BigInt,
        unused -> BigInt,
        missing -> BigInt,
        reason_opening -> Nullable<Text>,
        counted_by -> Text,
        counted_at -> Timestamp,
    }
}

diesel::table! {
    kit_reconciliation (study, id) {
        study -> Text,
        id -> Text,
        site -> Nullable<Text>,
        depot -> Nullable<Text>,
        closing -> Bool,
        entry -> BigInt,
        signed_by -> Text,
        signed_at -> Timestamp,
    }
}

diesel::table! {
    kit_reconciliation_kit (study, reconciliation, kit) {
        study -> Text,
        reconciliation -> Text,
        kit -> Text,
        reason_opening -> Nullable<Text>,
    }
}

diesel::table! {
    kit_reconciliation_confirmation (study, reconciliation) {
        study -> Text,
        reconciliation -> Text,
        entry -> BigInt,
        confirmed_by -> Text,
        confirmed_at -> Timestamp,
    }
}

diesel::table! {
    destruction (study, id) {
        study -> Text,
        id -> Text,
        site -> Nullable<Text>,
        depot -> Nullable<Text>,
        entry -> BigInt,
        proposed_by -> Text,
        proposed_at -> Timestamp,
    }
}

diesel::table! {
    destruction_kit (study, destruction, kit) {
        study -> Text,
        destruction -> Text,
        kit -> Text,
    }
}

diesel::table! {
    destruction_authorization (study, destruction) {
        study -> Text,
        destruction -> Text,
        entry -> BigInt,
        certificate -> Binary,
        authorized_by -> Text,
        authorized_at -> Timestamp,
    }
}

diesel::table! {
    redaction (study, id) {
        study -> Text,
        id -> Text,
        leaf -> BigInt,
        field -> Text,
        commitment -> Binary,
        opening -> Text,
        why -> Text,
        site -> Nullable<Text>,
        entry -> BigInt,
        proposed_by -> Text,
        proposed_at -> Timestamp,
    }
}

diesel::table! {
    redaction_confirmation (study, redaction) {
        study -> Text,
        redaction -> Text,
        entry -> BigInt,
        confirmed_by -> Text,
        confirmed_at -> Timestamp,
    }
}

diesel::table! {
    expiry_extension (study, id) {
        study -> Text,
        id -> Text,
        batch -> Text,
        from_expiry -> Date,
        label_expiry -> Date,
        lots_opening -> Text,
        reason_opening -> Text,
        entry -> BigInt,
        proposed_by -> Text,
        proposed_at -> Timestamp,
    }
}

diesel::table! {
    batch_expiry (study, batch, entry) {
        study -> Text,
        batch -> Text,
        entry -> BigInt,
        label_expiry -> Date,
        extension -> Nullable<Text>,
        reason_opening -> Nullable<Text>,
        evidence -> Binary,
        set_by -> Text,
        set_at -> Timestamp,
    }
}

diesel::table! {
    batch_recall (study, batch) {
        study -> Text,
        batch -> Text,
        entry -> BigInt,
        reason_opening -> Text,
        evidence -> Binary,
        recalled_by -> Text,
        recalled_at -> Timestamp,
    }
}

diesel::table! {
    lot_statement (study, id) {
        study -> Text,
        id -> Text,
        batch -> Text,
        lot_opening -> Text,
        file_opening -> Text,
        entry -> BigInt,
        read_by -> Text,
        read_at -> Timestamp,
    }
}

diesel::table! {
    lot_recall (study, statement) {
        study -> Text,
        statement -> Text,
        batch -> Text,
        entry -> BigInt,
        why -> Text,
        reason_opening -> Text,
        recalled_by -> Text,
        recalled_at -> Timestamp,
    }
}

diesel::table! {
    lot_recall_kit (study, kit) {
        study -> Text,
        kit -> Text,
        entry -> BigInt,
    }
}

diesel::table! {
    alert (study, id) {
        study -> Text,
        id -> Text,
        kind -> Text,
        place -> Text,
        reference -> Text,
        ordinal -> BigInt,
        entry -> BigInt,
        raised_at -> Timestamp,
    }
}

diesel::table! {
    batch_attribute (study, batch, name) {
        study -> Text,
        batch -> Text,
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    alert_acknowledgement (study, alert) {
        study -> Text,
        alert -> Text,
        entry -> BigInt,
        text_opening -> Nullable<Text>,
        acknowledged_by -> Text,
        acknowledged_at -> Timestamp,
    }
}

diesel::table! {
    packaging_list (study, batch, entry) {
        study -> Text,
        batch -> Text,
        entry -> BigInt,
        recipient_opening -> Text,
        recipient_key -> Text,
        exported_by -> Text,
        exported_at -> Timestamp,
    }
}

diesel::table! {
    alert_clearing (study, alert) {
        study -> Text,
        alert -> Text,
        entry -> BigInt,
        cleared_at -> Timestamp,
    }
}

diesel::table! {
    packing (study, batch, attempt) {
        study -> Text,
        batch -> Text,
        attempt -> BigInt,
        kits -> BigInt,
        file_opening -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    sample_check (study, batch, attempt) {
        study -> Text,
        batch -> Text,
        attempt -> BigInt,
        entry -> BigInt,
        passed -> Bool,
        found_opening -> Text,
        checked_by -> Text,
        checked_at -> Timestamp,
    }
}

diesel::table! {
    label_print (study, batch, entry) {
        study -> Text,
        batch -> Text,
        entry -> BigInt,
        language -> Text,
        label_expiry -> Date,
        labels -> BigInt,
        file_hash -> Binary,
        reason_opening -> Nullable<Text>,
        printed_by -> Text,
        printed_at -> Timestamp,
    }
}

diesel::joinable!(notice_delivery -> notice (notice));
diesel::allow_tables_to_appear_in_same_query!(
    tree_head,
    journal_leaf,
    checkpoint,
    opening,
    data_key,
    study,
    study_design,
    receipt,
    receipt_replay,
    notice,
    notice_delivery,
    person,
    grant_head,
    password,
    session,
    refresh_token,
    browser_token,
    signing_token,
    role_grant,
    role_confirmation,
    role_revocation,
    site,
    recipient,
    study_secret,
    hold,
    hold_release,
    subject,
    subject_state,
    subject_end,
    visit_record,
    allocation_list,
    list_position,
    list_change,
    list_state,
    randomization,
    unblinding,
    unblinding_note,
    batch,
    batch_step,
    expiry_extension,
    batch_expiry,
    batch_recall,
    lot_statement,
    lot_recall,
    lot_recall_kit,
    alert,
    alert_acknowledgement,
    alert_clearing,
    batch_attribute,
    packaging_list,
    packing,
    sample_check,
    label_print,
    depot,
    resupply_plan,
    shipment,
    shipment_kit,
    shipment_step,
    kit,
    kit_state,
    movement,
    kit_allocation,
    dispensation,
    handover,
    kit_replacement,
    kit_check,
    wrong_scan,
    prepared_unit,
    unit_end,
    unit_stop,
    kit_count,
    kit_reconciliation,
    kit_reconciliation_kit,
    kit_reconciliation_confirmation,
    destruction,
    destruction_kit,
    destruction_authorization,
    redaction,
    redaction_confirmation
);
