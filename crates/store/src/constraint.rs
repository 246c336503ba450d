//! The unique constraints, in both spellings.

use diesel::result::DatabaseErrorInformation;

/// Every unique constraint: its name on PostgreSQL, which is the name used in this code, and the columns by which
/// SQLite calls it.
pub const CONSTRAINTS: &[(&str, &str)] = &[
    ("alert_acknowledgement_pkey", "alert_acknowledgement.study, alert_acknowledgement.alert"),
    ("alert_clearing_pkey", "alert_clearing.study, alert_clearing.alert"),
    ("alert_pkey", "alert.study, alert.id"),
    (
        "alert_study_kind_place_reference_ordinal_key",
        "alert.study, alert.kind, alert.place, alert.reference, alert.ordinal",
    ),
    ("allocation_list_pkey", "allocation_list.id"),
    ("batch_attribute_pkey", "batch_attribute.study, batch_attribute.batch, batch_attribute.name"),
    ("batch_expiry_pkey", "batch_expiry.study, batch_expiry.batch, batch_expiry.entry"),
    ("batch_expiry_study_extension_key", "batch_expiry.study, batch_expiry.extension"),
    ("batch_pkey", "batch.study, batch.id"),
    ("batch_recall_pkey", "batch_recall.study, batch_recall.batch"),
    ("batch_step_pkey", "batch_step.study, batch_step.batch, batch_step.country, batch_step.step"),
    ("checkpoint_pkey", "checkpoint.tree, checkpoint.size"),
    ("data_key_pkey", "data_key.tree, data_key.version"),
    ("depot_pkey", "depot.study, depot.id"),
    (
        "destruction_authorization_pkey",
        "destruction_authorization.study, destruction_authorization.destruction",
    ),
    ("destruction_kit_pkey", "destruction_kit.study, destruction_kit.destruction, destruction_kit.kit"),
    ("destruction_pkey", "destruction.study, destruction.id"),
    ("dispensation_pkey", "dispensation.id"),
    ("dispensation_study_subject_visit_key", "dispensation.study, dispensation.subject, dispensation.visit"),
    ("expiry_extension_pkey", "expiry_extension.study, expiry_extension.id"),
    ("grant_head_pkey", "grant_head.user_id"),
    ("handover_pkey", "handover.study, handover.kit"),
    ("hold_pkey", "hold.id"),
    ("hold_release_pkey", "hold_release.hold"),
    ("journal_leaf_pkey", "journal_leaf.tree, journal_leaf.leaf_index"),
    (
        "kit_allocation_pkey",
        "kit_allocation.study, kit_allocation.subject, kit_allocation.visit, kit_allocation.attempt, \
         kit_allocation.slot",
    ),
    ("kit_allocation_study_kit_key", "kit_allocation.study, kit_allocation.kit"),
    ("kit_check_pkey", "kit_check.study, kit_check.entry"),
    ("kit_count_pkey", "kit_count.study, kit_count.entry"),
    ("kit_pkey", "kit.study, kit.number"),
    (
        "kit_reconciliation_confirmation_pkey",
        "kit_reconciliation_confirmation.study, kit_reconciliation_confirmation.reconciliation",
    ),
    (
        "kit_reconciliation_kit_pkey",
        "kit_reconciliation_kit.study, kit_reconciliation_kit.reconciliation, kit_reconciliation_kit.kit",
    ),
    ("kit_reconciliation_pkey", "kit_reconciliation.study, kit_reconciliation.id"),
    ("kit_replacement_pkey", "kit_replacement.study, kit_replacement.kit"),
    ("kit_replacement_study_new_kit_key", "kit_replacement.study, kit_replacement.new_kit"),
    ("kit_state_pkey", "kit_state.study, kit_state.kit"),
    ("label_print_pkey", "label_print.study, label_print.batch, label_print.entry"),
    ("list_change_pkey", "list_change.list, list_change.state"),
    ("list_position_pkey", "list_position.list, list_position.stratum, list_position.position"),
    ("list_state_one_active", "list_state.study"),
    ("list_state_pkey", "list_state.list"),
    ("movement_pkey", "movement.study, movement.entry, movement.kit, movement.kit_move"),
    ("notice_delivery_pkey", "notice_delivery.notice"),
    ("notice_pkey", "notice.id"),
    ("opening_pkey", "opening.id"),
    ("packaging_list_pkey", "packaging_list.study, packaging_list.batch, packaging_list.entry"),
    ("packing_pkey", "packing.study, packing.batch, packing.attempt"),
    ("password_pkey", "password.user_id"),
    ("person_pkey", "person.id"),
    ("prepared_unit_pkey", "prepared_unit.study, prepared_unit.number"),
    (
        "randomization_list_stratum_position_key",
        "randomization.list, randomization.stratum, randomization.position",
    ),
    ("randomization_pkey", "randomization.study, randomization.subject"),
    ("randomization_study_number_key", "randomization.study, randomization.number"),
    ("receipt_pkey", "receipt.study, receipt.idem_key"),
    ("receipt_replay_pkey", "receipt_replay.study, receipt_replay.head_version"),
    ("recipient_pkey", "recipient.id"),
    ("redaction_confirmation_pkey", "redaction_confirmation.study, redaction_confirmation.redaction"),
    ("redaction_pkey", "redaction.study, redaction.id"),
    ("refresh_token_pkey", "refresh_token.hash"),
    ("reset_proposal_pkey", "reset_proposal.user_id, reset_proposal.entry"),
    ("resupply_plan_pkey", "resupply_plan.study, resupply_plan.site, resupply_plan.order_day"),
    ("role_confirmation_pkey", "role_confirmation.grant_id"),
    ("role_grant_pkey", "role_grant.id"),
    ("role_revocation_pkey", "role_revocation.grant_id"),
    ("sample_check_pkey", "sample_check.study, sample_check.batch, sample_check.attempt"),
    ("session_pkey", "session.id"),
    ("shipment_kit_pkey", "shipment_kit.study, shipment_kit.shipment, shipment_kit.kit"),
    ("shipment_pkey", "shipment.study, shipment.id"),
    ("shipment_step_pkey", "shipment_step.study, shipment_step.shipment, shipment_step.step"),
    ("signing_token_pkey", "signing_token.hash"),
    ("site_pkey", "site.study, site.id"),
    ("study_design_pkey", "study_design.study, study_design.version"),
    ("study_pkey", "study.id"),
    ("study_secret_pkey", "study_secret.study"),
    ("subject_end_pkey", "subject_end.study, subject_end.subject, subject_end.state"),
    ("subject_pkey", "subject.study, subject.id"),
    ("subject_state_pkey", "subject_state.study, subject_state.subject"),
    ("tree_head_pkey", "tree_head.tree"),
    ("unblinding_note_pkey", "unblinding_note.unblinding, unblinding_note.entry"),
    ("unblinding_pkey", "unblinding.id"),
    ("unblinding_study_subject_key", "unblinding.study, unblinding.subject"),
    ("unit_end_pkey", "unit_end.study, unit_end.unit"),
    ("unit_stop_pkey", "unit_stop.study, unit_stop.entry"),
    ("visit_record_pkey", "visit_record.study, visit_record.subject, visit_record.visit, visit_record.entry"),
    ("wrong_scan_pkey", "wrong_scan.dispensation, wrong_scan.entry"),
];

/// The constraint that an error is about; PostgreSQL says its name, SQLite its columns within the message.
pub(crate) fn violated(info: &(dyn DatabaseErrorInformation + Send + Sync)) -> &'static str {
    let columns = info.message().strip_prefix("UNIQUE constraint failed: ");
    CONSTRAINTS
        .iter()
        .find(|(name, spelling)| info.constraint_name() == Some(*name) || columns == Some(*spelling))
        .map_or("(unlisted)", |(name, _)| name)
}
