//! From when on an alert stands.

use super::Supply;
use super::fields::Fields;

/// The study's thresholds of alerts (NOT-05). They go by totals and days alone: a threshold by kit type would show the
/// type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Usable kits of all types together that a place keeps over those that are due, 0 to 100000; the buffer of all
    /// types when the file does not say.
    pub low_stock_kits: u32,
    /// Kits with no more days than this left are told, 0 to 3650; 60 when the file does not say.
    pub expiry_horizon_days: u32,
    /// A receipt is awaited for this many days after a shipment left, 0 to 365; the lead when the file does not say.
    pub overdue_receipt_days: u32,
    /// Kits are in quarantine for long after this many days, 0 to 3650; 14 when the file does not say.
    pub old_quarantine_days: u32,
    /// A list is near its end when a stratum has no more planned positions than this left, 0 to 1000000; 6 when the
    /// file does not say.
    pub list_positions: u32,
}

/// Reads the thresholds that the file says; `None` in a field for what it does not say.
pub(super) fn read(root: &mut Fields<'_>) -> Option<Said> {
    root.table_if_there("alerts", |fields| {
        Some(Said {
            low_stock_kits: fields.whole_if_there("low_stock_kits", 0..=100_000),
            expiry_horizon_days: fields.whole_if_there("expiry_horizon_days", 0..=3_650),
            overdue_receipt_days: fields.whole_if_there("overdue_receipt_days", 0..=365),
            old_quarantine_days: fields.whole_if_there("old_quarantine_days", 0..=3_650),
            list_positions: fields.whole_if_there("list_positions", 0..=1_000_000),
        })
    })
}

/// What a file says of the thresholds.
#[derive(Clone, Copy, Default)]
pub(super) struct Said {
    low_stock_kits: Option<u32>,
    expiry_horizon_days: Option<u32>,
    overdue_receipt_days: Option<u32>,
    old_quarantine_days: Option<u32>,
    list_positions: Option<u32>,
}

impl Said {
    /// The thresholds, with what follows where the file says nothing. There are as many kit types as arms.
    pub(super) fn with_defaults(self, supply: &Supply, kit_types: usize) -> Thresholds {
        let buffer = supply.buffer_kits.saturating_mul(u32::try_from(kit_types).unwrap_or(u32::MAX));
        Thresholds {
            low_stock_kits: self.low_stock_kits.unwrap_or(buffer),
            expiry_horizon_days: self.expiry_horizon_days.unwrap_or(60),
            overdue_receipt_days: self.overdue_receipt_days.unwrap_or(supply.lead_days),
            old_quarantine_days: self.old_quarantine_days.unwrap_or(14),
            list_positions: self.list_positions.unwrap_or(6),
        }
    }
}
