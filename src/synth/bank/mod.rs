//! The ten banks and their truth, written household by household; chunks are made on all cores and given in order.

mod anagrafe;
mod care;
mod home;
mod inps;
mod isee;

use std::fmt::Arguments;

use jiff::{Span, civil::Date};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::{
    dice::{Dice, Stage},
    people::{Person, Status},
    register::push,
    world::{Tenure, Town},
};
use crate::domain::{bank::BankKind, person::Sex};

const CHUNK: usize = 1024;
const CHUNKS_AT_ONCE: usize = 16;

/// Rows of one bank, and whom they speak of (person, household): positions from zero.
#[derive(Default)]
pub(super) struct Sheet {
    text: String,
    truth: Vec<(u32, u32)>,
}

impl Sheet {
    fn row(&mut self, about: (usize, usize), line: Arguments<'_>) {
        push(&mut self.text, line);
        self.truth.push((about.0 as u32, about.1 as u32));
    }
}

type Sheets = [Sheet; 10];

pub(super) fn day_before(day: Date, days: i64) -> Date {
    day.checked_sub(Span::new().days(days)).unwrap_or(day)
}

/// Header, and whether the file is ISO-8859-1.
const fn layout(bank: BankKind) -> (&'static str, Encoding) {
    match bank {
        BankKind::Anagrafe => (anagrafe::HEADER, Encoding::Utf8),
        BankKind::IseeAttestazioni => (isee::STATEMENTS, Encoding::Utf8),
        BankKind::IseeComponenti => (isee::MEMBERS, Encoding::Utf8),
        BankKind::PrestazioniInps => (inps::BENEFITS, Encoding::Latin1),
        BankKind::Redditi => (inps::INCOMES, Encoding::Utf8),
        BankKind::Invalidita => (inps::INVALIDITY, Encoding::Utf8),
        BankKind::FragiliAsl => (care::FRAIL, Encoding::Latin1),
        BankKind::ServiziSociali => (care::CASES, Encoding::Utf8),
        BankKind::Tari => (home::WASTE, Encoding::Utf8),
        BankKind::Erp => (home::PUBLIC, Encoding::Utf8),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Latin1,
}

fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        // The names hold no sign beyond Latin-1; a question mark is what such an export would show.
        Encoding::Latin1 => text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect(),
    }
}

pub(super) fn write(town: &Town, sink: &mut dyn FnMut(&str, &[u8])) {
    for bank in BankKind::ALL {
        let (header, encoding) = layout(bank);
        sink(&format!("banks/{bank}.csv"), &encode(header, encoding));
        sink(&format!("truth/{bank}.csv"), b"row,person,household,progressivo_accesso\n");
    }
    let mut rows = [0_u32; 10];
    let chunks = town.households.len().div_ceil(CHUNK);
    for first in (0..chunks).step_by(CHUNKS_AT_ONCE) {
        let last = (first + CHUNKS_AT_ONCE).min(chunks);
        let made: Vec<Sheets> = (first..last).into_par_iter().map(|chunk| make(town, chunk)).collect();
        for sheets in &made {
            for ((bank, sheet), rows) in BankKind::ALL.into_iter().zip(sheets).zip(&mut rows) {
                sink(&format!("banks/{bank}.csv"), &encode(&sheet.text, layout(bank).1));
                let mut truth = String::with_capacity(sheet.truth.len() * 24);
                for (person, household) in &sheet.truth {
                    *rows += 1;
                    let door = town.doors[town.households[*household as usize].door as usize].id.0;
                    push(&mut truth, format_args!("{rows},{person},{household},{door}\n"));
                }
                sink(&format!("truth/{bank}.csv"), truth.as_bytes());
            }
        }
    }
    write_households(town, sink);
    write_people(town, sink);
}

fn make(town: &Town, chunk: usize) -> Sheets {
    let mut sheets = Sheets::default();
    let range = chunk * CHUNK..((chunk + 1) * CHUNK).min(town.households.len());
    let mut order: Vec<usize> = range.clone().collect();
    // The registry is not in the order of the other banks.
    let mut dice = Dice::new(town.seed, Stage::Rows, u64::MAX - chunk as u64);
    for i in (1..order.len()).rev() {
        order.swap(i, dice.index(i + 1));
    }
    for household in order {
        anagrafe::push(town, household, &mut sheets[BankKind::Anagrafe as usize]);
    }
    for household in range {
        let mut rows =
            Rows { town, household, dice: Dice::new(town.seed, Stage::Rows, household as u64), files: false };
        isee::push(&mut rows, &mut sheets);
        inps::push(&mut rows, &mut sheets);
        care::push(&mut rows, &mut sheets);
        home::push(&mut rows, &mut sheets);
    }
    sheets
}

/// A household about to be written into the banks.
struct Rows<'a> {
    town: &'a Town,
    household: usize,
    dice: Dice,
    /// Whether it has an ISEE: who has none asks for nothing that needs one.
    files: bool,
}

impl<'a> Rows<'a> {
    fn home(&self) -> &'a super::world::Household {
        &self.town.households[self.household]
    }

    fn members(&self) -> &'a [Person] {
        self.town.members(self.home())
    }

    /// Position among all people, and the household: whom a row speaks of.
    fn about(&self, member: usize) -> (usize, usize) {
        (self.home().first as usize + member, self.household)
    }

    fn residents(&self) -> impl Iterator<Item = (usize, &'a Person)> + use<'a> {
        self.members().iter().enumerate().filter(|(_, p)| p.status == Status::Resident)
    }
}

fn write_households(town: &Town, sink: &mut dyn FnMut(&str, &[u8])) {
    let mut text = "household,members,isee,tenure,progressivo_accesso,lon,lat\n".to_owned();
    for (i, household) in town.households.iter().enumerate() {
        let (door, point) = (town.doors[household.door as usize].id.0, town.point(household.door));
        let tenure = match household.tenure {
            Tenure::Owned => "proprieta",
            Tenure::Rented => "locazione",
            Tenure::Public => "ERP",
        };
        let isee = household.isee as f64 / 100.0;
        push(
            &mut text,
            format_args!("{i},{},{isee:.2},{tenure},{door},{},{}\n", household.members, point.lon(), point.lat()),
        );
    }
    sink("truth/households.csv", text.as_bytes());
}

fn write_people(town: &Town, sink: &mut dyn FnMut(&str, &[u8])) {
    let mut text = "person,household,codice_fiscale,born,sex,invalidity,accompagnamento,device,alive\n".to_owned();
    for (i, household) in town.households.iter().enumerate() {
        for (j, p) in town.members(household).iter().enumerate() {
            let device = p.device.map_or("", |d| super::people::DEVICES[usize::from(d)]);
            let sex = if p.sex == Sex::F { "F" } else { "M" };
            let (attendance, alive) = (u8::from(p.attendance), u8::from(p.status == Status::Resident));
            let person = household.first as usize + j;
            push(
                &mut text,
                format_args!(
                    "{person},{i},{},{},{sex},{},{attendance},{device},{alive}\n",
                    p.code.reveal(),
                    p.birth,
                    p.invalidity
                ),
            );
        }
        if text.len() > 1 << 20 {
            sink("truth/persons.csv", text.as_bytes());
            text.clear();
        }
    }
    sink("truth/persons.csv", text.as_bytes());
}
