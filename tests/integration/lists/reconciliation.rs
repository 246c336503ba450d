//! The reconciliation, with mismatches planted in the rows.

use service::Failure;
use service::kits;
use service::lists;
use service::reconciliation::{self, Mismatch};
use store::Tree;
use store::rows::{dispensation, kit};
use terms::KitNumber;
use trial::decide::register::{Command, Content};
use trial::study::Visible;
use trial::{Action, Role};

use super::stage::{Stage, id};
use super::{Unblinded, randomized};

/// Registers two kits of each type.
fn register(stage: &Stage) -> Vec<KitNumber> {
    let supply = stage.person(Role::SupplyManager);
    let expiry = stage.clock.now().plus_seconds(400 * 86_400).utc().date_naive();
    let content = |code: &str| {
        let (kit_type, lot) = (code.to_owned(), "LOT".to_owned());
        Content { kit_type, kits: 2, lot, expiry, visible: Visible::new() }
    };
    let codes = ["SUGILITE-9127", "KUNZITE-3358", "LARIMAR-4406"];
    let contents = Vec::from(codes.map(content));
    let command = Command { batch: id("B-1"), label_expiry: expiry, contents };
    let envelope = stage.unsigned(&supply, Action::RegisterKits);
    kits::register::register(&stage.service, envelope, command).expect("registered").kits
}

/// Allocates kits to S-1 at D1, one after the other, whatever is in them.
fn allocated(stage: &Stage, kits: &[KitNumber]) {
    let (kits, at) = (kits.to_vec(), stage.clock.now());
    stage.write(Tree::Study(stage.study.clone()), move |tx| {
        for (attempt, number) in (1..).zip(&kits) {
            let (subject, visit, through) = (id("S-1"), id("D1"), at.utc().date_naive());
            let row = kit::Allocated { subject, visit, attempt, slot: 0, kit: *number, through };
            kit::allocate(tx, &row, at)?;
        }
        Ok(())
    });
}

/// Hands a kit over under a dispensation to S-2.
fn handed_to_the_second(stage: &Stage, number: KitNumber) {
    let at = stage.clock.now();
    stage.write(Tree::Study(stage.study.clone()), move |tx| {
        let row = dispensation::Dispensation {
            id: id("dispensation"),
            subject: id("S-2"),
            visit: id("D1"),
            attempt: 1,
            day: at.utc().date_naive(),
            in_window: true,
            reason: None,
            by: id("user-1"),
            at,
        };
        dispensation::add(tx, &row)?;
        let row = dispensation::Handover { kit: number, dispensation: row.id, by: id("user-1"), at };
        Ok(dispensation::hand_over(tx, &row)?)
    });
}

#[test]
fn bld_14_a_reconciliation_shows_every_planted_mismatch_and_is_a_leaf() {
    let stage = Stage::imodals();
    let people = Unblinded::of(&stage);
    let list = people.active(&stage);
    let read = || {
        let read = reconciliation::read(&stage.service, &people.statistician, &stage.study);
        read.unwrap_or_else(|failure| panic!("{failure:?}"))
    };
    randomized(&stage, &list, &[0, 1, 7]);
    let first = read();
    let places: Vec<_> = first.subjects.iter().map(|of| (of.position, of.mismatches.as_slice())).collect();
    assert_eq!(places, [(0, &[][..]), (1, &[]), (7, &[Mismatch::PositionOutOfOrder])]);
    assert_eq!(first.subjects.iter().map(|of| of.kits.len()).sum::<usize>(), 0);
    let [recomputed] = first.lists.as_slice() else { panic!("one list gave positions") };
    assert_eq!((&recomputed.list, recomputed.as_committed, recomputed.as_derived), (&list, true, true));
    assert_eq!(stage.acts().last().map(String::as_str), Some("reconciliation_read"));
    let kits = register(&stage);
    allocated(&stage, &kits);
    let second = read();
    let subject = &second.subjects[0];
    // What serves an arm, as the sealed design of the demo says.
    let serving = match subject.arm.as_str() {
        "placebo" => "LARIMAR-4406",
        "aldesleukin 1 MIU" => "SUGILITE-9127",
        _ => "KUNZITE-3358",
    };
    assert_eq!(subject.kits.iter().filter(|kit| kit.kit_type == serving).count(), 2);
    for kit in &subject.kits {
        let wrong = kit.mismatches == [Mismatch::WrongKitType];
        assert_eq!(wrong, kit.kit_type != serving, "{}", kit.number);
    }
    assert_eq!(second.mismatches(), 4 + 1);
    let own = subject.kits.iter().find(|kit| kit.mismatches.is_empty()).expect("a right kit").number;
    handed_to_the_second(&stage, own);
    let third = read();
    let planted = third.subjects[0].kits.iter().find(|kit| kit.number == own).expect("the kit");
    assert_eq!(planted.mismatches, [Mismatch::OtherDispensation]);
    assert!(planted.handed_over_at.is_some() && planted.dispensed_at.is_none());
    let [taken] = third.subjects[1].kits.as_slice() else { panic!("one kit") };
    assert!(taken.number == own && taken.mismatches.contains(&Mismatch::NotAllocated));
    assert_eq!(stage.acts().iter().filter(|act| *act == "reconciliation_read").count(), 3);
}

#[test]
fn seq_17_a_list_that_was_changed_after_its_release_shows_in_the_reconciliation() {
    let stage = Stage::imodals();
    let people = Unblinded::of(&stage);
    let list = people.active(&stage);
    randomized(&stage, &list, &[0]);
    let positions = lists::positions(&stage.service, &people.reviewer, &stage.study, list);
    let positions = positions.unwrap_or_else(|failure| panic!("{failure:?}"));
    let other = positions.iter().find(|at| at.arm != positions[0].arm).expect("another arm").position;
    let opening =
        stage.value(&format!("SELECT opening AS value FROM list_position WHERE position = {other}"));
    let set = format!("UPDATE list_position SET opening = '{opening}' WHERE position = 0");
    stage.tamper("list_position", &set);
    let read = reconciliation::read(&stage.service, &people.statistician, &stage.study);
    let read = read.unwrap_or_else(|failure| panic!("{failure:?}"));
    let found: Vec<_> = read.lists.iter().map(|of| (of.as_committed, of.as_derived)).collect();
    assert_eq!((found, read.mismatches()), (vec![(false, false)], 1));
}

#[test]
fn unb_06_a_list_that_lacks_an_arm_is_shown_and_printed_by_nobody() {
    let stage = Stage::imodals();
    let people = Unblinded::of(&stage);
    let list = people.active(&stage);
    randomized(&stage, &list, &[0]);
    let lost = "DELETE FROM opening WHERE id = (SELECT opening FROM list_position WHERE position = 5)";
    stage.tamper("opening", lost);
    let faults = [
        lists::positions(&stage.service, &people.reviewer, &stage.study, list.clone()).err(),
        lists::envelopes(&stage.service, &people.reviewer, &stage.study, list).err(),
        reconciliation::read(&stage.service, &people.statistician, &stage.study).err(),
    ];
    for fault in faults {
        assert!(matches!(fault, Some(Failure::Fault(_))), "47 of 48 pass for no list: {fault:?}");
    }
}
