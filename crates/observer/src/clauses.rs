//! Rules as clauses of propositional logic, and the solver that they are given to.

use std::collections::BTreeMap;

use batsat::{BasicSolver, Lit, SolverInterface, SolverOpts, lbool};
use terms::Arm;

use crate::puzzle::{Puzzle, Rule, Terms, Unknown};

/// All rules of a puzzle, ready to be asked.
pub(crate) struct Clauses<'p> {
    puzzle: &'p Puzzle<'p>,
    solver: BasicSolver,
    /// For every unknown a literal for every arm, exactly one of which is true.
    is: Vec<Vec<Lit>>,
}

impl<'p> Clauses<'p> {
    pub(crate) fn new(puzzle: &'p Puzzle<'p>) -> Self {
        // Chance within the solver spreads the worlds that it finds; its seed is fixed, so a run can be repeated.
        let options =
            SolverOpts { rnd_pol: true, rnd_init_act: true, phase_saving: 0, ..SolverOpts::default() };
        let solver = BasicSolver::new(options, batsat::BasicCallbacks::default());
        let mut clauses = Self { puzzle, solver, is: Vec::new() };
        clauses.unknowns();
        puzzle.rules.iter().for_each(|rule| clauses.rule(rule));
        if puzzle.symmetric {
            clauses.break_symmetry();
        }
        clauses
    }

    /// A world in which all these literals are true, as the arms of the unknowns; none when there is no such world.
    ///
    /// # Panics
    /// When the solver gives up, which it does only when it is told to, and nobody does.
    pub(crate) fn solve(&mut self, wanted: &[Lit]) -> Option<Vec<Arm>> {
        let answer = self.solver.solve_limited(wanted);
        assert!(answer != lbool::UNDEF, "the solver gave up");
        (answer == lbool::TRUE).then(|| self.is.iter().map(|literals| self.chosen(literals)).collect())
    }

    fn chosen(&self, literals: &[Lit]) -> Arm {
        let true_one = (0..=u8::MAX).zip(literals).find(|(_, is)| self.solver.value_lit(**is) == lbool::TRUE);
        let Some((arm, _)) = true_one else { panic!("the solver gave an unknown no arm") };
        Arm::new(arm)
    }

    /// A literal that is true in the worlds in which both are of one arm, and false in the others.
    pub(crate) fn same(&mut self, one: Unknown, other: Unknown) -> Lit {
        let same = self.fresh();
        for (one, other) in self.arms_of(one).into_iter().zip(self.arms_of(other)) {
            self.add(&[!same, !one, other]);
            self.add(&[same, !one, !other]);
        }
        same
    }

    /// Adds what was proved, so that nothing is proved twice.
    pub(crate) fn add(&mut self, clause: &[Lit]) {
        // The answer tells whether a contradiction shows already; the next question will find it.
        let _still_possible = self.solver.add_clause_reuse(&mut clause.to_vec());
    }

    fn fresh(&mut self) -> Lit {
        Lit::new(self.solver.new_var_default(), true)
    }

    fn arms_of(&self, unknown: Unknown) -> Vec<Lit> {
        self.is.get(unknown).cloned().unwrap_or_default()
    }

    fn arm(&self, unknown: Unknown, arm: usize) -> Option<Lit> {
        self.is.get(unknown)?.get(arm).copied()
    }

    fn unknowns(&mut self) {
        for _ in 0..self.puzzle.unknowns {
            let literals: Vec<Lit> = self.puzzle.seen.ratio.iter().map(|_| self.fresh()).collect();
            self.add(&literals);
            for (place, one) in literals.iter().enumerate() {
                literals.iter().skip(place + 1).for_each(|other| self.add(&[!*one, !*other]));
            }
            self.is.push(literals);
        }
    }

    /// When nothing tells the arms apart, their names are given in order of first use: the first subject is of arm 0,
    /// and nobody is of an arm unless somebody before is of the one before. Same and different stay what they were.
    fn break_symmetry(&mut self) {
        for subject in 0..self.puzzle.subjects.len() {
            for (arm, is) in self.arms_of(subject).into_iter().enumerate().skip(1) {
                let mut clause: Vec<Lit> =
                    (0..subject).filter_map(|before| self.arm(before, arm - 1)).collect();
                clause.push(!is);
                self.add(&clause);
            }
        }
    }

    fn rule(&mut self, rule: &Rule) {
        let arms = self.puzzle.seen.ratio.len();
        match rule {
            Rule::Every(terms, most) => (0..arms).for_each(|arm| self.at_most(None, terms, arm, *most)),
            Rule::Some(terms, most) => {
                let guards: Vec<Lit> = (0..arms).map(|_| self.fresh()).collect();
                self.add(&guards);
                for (arm, guard) in guards.into_iter().enumerate() {
                    self.at_most(Some(guard), terms, arm, *most);
                }
            }
            Rule::Own(whose, terms, most) => {
                for (arm, guard) in self.arms_of(*whose).into_iter().enumerate() {
                    self.at_most(Some(guard), terms, arm, *most);
                }
            }
            Rule::Same(one, other) => {
                let same = self.same(*one, *other);
                self.add(&[same]);
            }
            Rule::Different(one, other) => {
                let same = self.same(*one, *other);
                self.add(&[!same]);
            }
            Rule::Is(unknown, arm) => {
                let is: Vec<Lit> = self.arm(*unknown, usize::from(*arm)).into_iter().collect();
                self.add(&is);
            }
            Rule::Blocks(members) => self.blocks(members),
        }
    }

    /// At every position where a block can begin, one of the sizes is chosen, unless none begins there.
    fn blocks(&mut self, members: &[Unknown]) {
        let sizes = self.puzzle.seen.block_sizes.clone().unwrap_or_default();
        let mut begins: BTreeMap<usize, Lit> = BTreeMap::new();
        let first = self.fresh();
        self.add(&[first]);
        begins.insert(0, first);
        while let Some((position, begin)) = begins.pop_first() {
            let Some(rest) = members.get(position..).filter(|rest| !rest.is_empty()) else { continue };
            let mut choices = vec![!begin];
            for size in &sizes {
                let chosen = self.fresh();
                choices.push(chosen);
                let length = usize::try_from(*size).unwrap_or(usize::MAX).min(rest.len());
                self.block(chosen, rest.get(..length).unwrap_or_default(), *size);
                let next = *begins.entry(position + length).or_insert_with(|| self.fresh());
                self.add(&[!chosen, next]);
            }
            self.add(&choices);
        }
    }

    fn block(&mut self, chosen: Lit, members: &[Unknown], size: u32) {
        let ratio = &self.puzzle.seen.ratio;
        let rounds = i64::from(size) / i64::from(ratio.iter().sum::<u32>().max(1));
        let terms: Terms = members.iter().map(|member| (*member, 1)).collect();
        for (arm, share) in ratio.iter().enumerate() {
            self.at_most(Some(chosen), &terms, arm, rounds * i64::from(*share));
        }
    }

    /// The sum for an arm is at most this, if the guard is true.
    fn at_most(&mut self, guard: Option<Lit>, terms: &Terms, arm: usize, most: i64) {
        let mut weights: BTreeMap<Unknown, i64> = BTreeMap::new();
        terms.iter().for_each(|(unknown, weight)| *weights.entry(*unknown).or_default() += weight);
        let mut literals = Vec::new();
        let mut most = most;
        for (unknown, weight) in weights {
            let Some(is) = self.arm(unknown, arm) else { continue };
            // A negative weight on a literal is a positive one on its opposite, less a constant.
            most -= weight.min(0);
            literals.push((if weight < 0 { !is } else { is }, usize::try_from(weight.abs()).unwrap_or(0)));
        }
        let guard: Vec<Lit> = guard.into_iter().map(|guard| !guard).collect();
        let all: usize = literals.iter().map(|(_, weight)| weight).sum();
        match usize::try_from(most) {
            Err(_negative) => self.add(&guard),
            Ok(most) if most >= all => {}
            Ok(most) if most <= all - most => self.count_up(&guard, &literals, most),
            Ok(most) => {
                let opposite: Vec<_> = literals.into_iter().map(|(is, weight)| (!is, weight)).collect();
                self.count_down(&guard, &opposite, all - most);
            }
        }
    }

    /// A sequential counter: `reached[j]` is true when the literals so far weigh more than `j`; never more than `most`.
    fn count_up(&mut self, guard: &[Lit], literals: &[(Lit, usize)], most: usize) {
        let mut reached: Vec<Lit> = Vec::new();
        for (is, weight) in literals.iter().filter(|(_, weight)| *weight > 0) {
            // What the literal would lift over the limit.
            if *weight > most {
                self.add(&[guard, &[!*is]].concat());
            } else if let Some(before) = reached.get(most - weight).copied() {
                self.add(&[guard, &[!*is, !before]].concat());
            }
            let now: Vec<Lit> = (0..most.min(reached.len() + weight)).map(|_| self.fresh()).collect();
            for (level, lit) in now.iter().enumerate() {
                if let Some(before) = reached.get(level).copied() {
                    self.add(&[!before, *lit]);
                }
                if level < *weight {
                    self.add(&[!*is, *lit]);
                } else if let Some(before) = reached.get(level - weight).copied() {
                    self.add(&[!*is, !before, *lit]);
                }
            }
            reached = now;
        }
    }

    /// The other way round: `reached[j]` can be true only when the literals so far weigh more than `j`; at the end they
    /// weigh at least `least`.
    fn count_down(&mut self, guard: &[Lit], literals: &[(Lit, usize)], least: usize) {
        let mut reached: Vec<Lit> = Vec::new();
        for (is, weight) in literals.iter().filter(|(_, weight)| *weight > 0) {
            let now: Vec<Lit> = (0..least.min(reached.len() + weight)).map(|_| self.fresh()).collect();
            for (level, lit) in now.iter().enumerate() {
                let before: Vec<Lit> = reached.get(level).copied().into_iter().collect();
                self.add(&[&[!*lit, *is], before.as_slice()].concat());
                if level >= *weight {
                    let lifted = reached.get(level - weight).copied();
                    self.add(&[&[!*lit], before.as_slice(), lifted.as_slice()].concat());
                }
            }
            reached = now;
        }
        match least.checked_sub(1).and_then(|last| reached.get(last)) {
            Some(last) => self.add(&[guard, &[*last]].concat()),
            None => self.add(guard),
        }
    }
}
