//! A snapshot as bytes: magic, version, checksum, content. Indexes and sums are not stored; they are made again on reading.
//!
//! Layout, little-endian: 8 bytes `ATLSNAP\0`, u32 version, 32 bytes BLAKE3 of the content, u64 its length, the content.

use h3o::CellIndex;
use jiff::civil::Date;
use rayon::prelude::*;

use crate::domain::{comune::Comune, period::date_of, score::Dimension};

use super::{
    bits::Bits,
    builder::{MAX_PEOPLE, MAX_ROWS},
    bytes::{Malformed, Reader, Writer},
    column::{Column, NO_CATEGORY, NUMBER_LIMIT, NUMBER_PARTS, Numbers, SCORE_PARTS, Values},
    grid,
    people::People,
    rows::{Row, Span},
    schema::{Kind, Property, Schema, Sensitivity, Titles, Unit},
    world::{About, Parts, Snapshot, Unplaced, point_of},
};

const MAGIC: &[u8; 8] = b"ATLSNAP\0";
const VERSION: u32 = 2;

/// Bytes that are no snapshot of this version.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidSnapshot {
    /// They begin otherwise.
    #[error("not a snapshot: the first bytes are not ATLSNAP")]
    Magic,
    /// Another version of the layout.
    #[error("a snapshot of version {0}, this program reads version {VERSION}: refresh again")]
    Version(u32),
    /// They were cut, grown or changed.
    #[error("the snapshot was damaged: its checksum does not fit")]
    Checksum,
    /// They are whole and say what cannot be.
    #[error("the snapshot {0}")]
    Content(&'static str),
}

impl From<Malformed> for InvalidSnapshot {
    fn from(malformed: Malformed) -> Self {
        Self::Content(malformed.0)
    }
}

/// The name of a content.
pub(super) fn generation(body: &[u8]) -> Box<str> {
    blake3::hash(body).to_hex()[..16].into()
}

impl Snapshot {
    /// The snapshot as bytes; the same snapshot gives the same bytes.
    pub fn encode(&self) -> Vec<u8> {
        let body = body(self.parts());
        let mut out = Vec::with_capacity(body.len() + 52);
        out.extend(MAGIC);
        out.extend(VERSION.to_le_bytes());
        out.extend(blake3::hash(&body).as_bytes());
        out.extend((body.len() as u64).to_le_bytes());
        out.extend(body);
        out
    }

    /// The snapshot of some bytes. Bytes of any other origin give an error, never a panic.
    pub fn decode(bytes: &[u8]) -> Result<Self, InvalidSnapshot> {
        let mut reader = Reader(bytes);
        if reader.take(8) != Ok(MAGIC) {
            return Err(InvalidSnapshot::Magic);
        }
        let version = reader.u32()?;
        if version != VERSION {
            return Err(InvalidSnapshot::Version(version));
        }
        let checksum = blake3::Hash::from_bytes(reader.array()?);
        let len = u64::from_le_bytes(reader.array()?);
        if len != reader.0.len() as u64 || blake3::hash(reader.0) != checksum {
            return Err(InvalidSnapshot::Checksum);
        }
        Ok(Self::assemble(generation(reader.0), read(reader.0)?))
    }
}

/// The content.
pub(super) fn body(parts: &Parts) -> Vec<u8> {
    let mut w = Writer::default();
    write_about(&mut w, &parts.about);
    write_schema(&mut w, &parts.schema);
    w.u32(parts.unplaced.households);
    w.u32(parts.unplaced.people);
    w.u32(parts.cells.len() as u32);
    w.items(&parts.cells, |cell| cell.to_le_bytes());
    w.items(&parts.points, |[lon, lat]| {
        let mut bytes = [0; 8];
        bytes[..4].copy_from_slice(&lon.to_le_bytes());
        bytes[4..].copy_from_slice(&lat.to_le_bytes());
        bytes
    });
    w.items(&parts.households, |id| id.to_le_bytes());
    write_values(&mut w, parts.people.values());
    write_columns(&mut w, &parts.columns);
    w.items(parts.residents.persons(), |id| id.to_le_bytes());
    write_columns(&mut w, parts.residents.columns());
    w.0
}

fn write_columns(w: &mut Writer, columns: &[Column]) {
    for column in columns {
        match column {
            Column::Absent => {}
            Column::Marks { known, set } => {
                w.items(known.words(), |word| word.to_le_bytes());
                w.items(set.words(), |word| word.to_le_bytes());
            }
            Column::Numbers { known, numbers } => {
                w.items(known.words(), |word| word.to_le_bytes());
                write_values(w, numbers.values());
            }
            Column::Days { known, days } => {
                w.items(known.words(), |word| word.to_le_bytes());
                w.items(days, |day| day.to_le_bytes());
            }
            Column::Categories(places) => w.0.extend(places),
        }
    }
}

fn write_about(w: &mut Writer, about: &About) {
    w.0.extend(about.comune.as_str().as_bytes());
    w.text(&about.name);
    w.0.extend(about.as_of.year().to_le_bytes());
    w.0.extend([about.as_of.month() as u8, about.as_of.day() as u8]);
    w.text(&about.model_id);
    w.text(&about.model_version);
    write_titles(w, &about.model_title);
}

fn write_titles(w: &mut Writer, titles: &Titles) {
    w.text(&titles.it);
    w.text(&titles.en);
}

fn write_schema(w: &mut Writer, schema: &Schema) {
    w.u32(schema.indicators().len() as u32);
    w.u32(schema.properties().len() as u32);
    w.u32(schema.people().len() as u32);
    for property in schema.properties().iter().chain(schema.people()) {
        w.text(&property.key);
        let place = KINDS.iter().position(|kind| same_kind(kind, &property.kind)).unwrap_or(KINDS.len());
        w.u8(place as u8);
        if let Kind::Category(entries) = &property.kind {
            w.u8(entries.len() as u8);
            for (key, titles) in entries {
                w.text(key);
                write_titles(w, titles);
            }
        }
        w.u8(place_of(&UNITS, property.unit));
        w.u8(place_of(&SENSITIVITIES, property.sensitivity));
        write_titles(w, &property.title);
        write_titles(w, &property.description);
        w.u8(property.dimension.map_or(u8::MAX, |dimension| dimension as u8));
        w.u8(property.decimals);
    }
}

const KINDS: [Kind; 8] =
    [Kind::Score, Kind::Finding, Kind::Index, Kind::Count, Kind::Cents, Kind::Number, Kind::Flag, Kind::Day];
const UNITS: [Unit; 7] = [Unit::Share, Unit::Score, Unit::Index, Unit::Count, Unit::Euro, Unit::Years, Unit::None];
const SENSITIVITIES: [Sensitivity; 4] =
    [Sensitivity::Public, Sensitivity::Aggregate, Sensitivity::Personal, Sensitivity::Health];

fn same_kind(a: &Kind, b: &Kind) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

fn place_of<T: PartialEq + Copy>(all: &[T], one: T) -> u8 {
    all.iter().position(|&other| other == one).map_or(u8::MAX, |place| place as u8)
}

fn write_values(w: &mut Writer, values: &Values) {
    match values {
        Values::U8(v) => {
            w.u8(0);
            w.0.extend(v);
        }
        Values::U16(v) => {
            w.u8(1);
            w.items(v, |x| x.to_le_bytes());
        }
        Values::I32(v) => {
            w.u8(2);
            w.items(v, |x| x.to_le_bytes());
        }
        Values::F32(v, _) => {
            w.u8(3);
            w.items(v, |x| x.to_le_bytes());
        }
    }
}

/// Reads and checks a content.
pub(super) fn read(bytes: &[u8]) -> Result<Parts, Malformed> {
    let mut r = Reader(bytes);
    let about = read_about(&mut r)?;
    let schema = read_schema(&mut r)?;
    let unplaced = Unplaced { households: r.u32()?, people: r.u32()? };
    let count = r.u32()?;
    if count > MAX_ROWS {
        return Err(Malformed("has too many rows"));
    }
    let rows = count as usize;
    let cells = r.items(rows, u64::from_le_bytes)?;
    let points = r.items(rows, |[a, b, c, d, e, f, g, h]: [u8; 8]| {
        [i32::from_le_bytes([a, b, c, d]), i32::from_le_bytes([e, f, g, h])]
    })?;
    let households = r.items(rows, u32::from_le_bytes)?;
    check_rows(&cells, &points, &households)?;
    let Values::U16(people) = read_values(&mut r, rows, &Kind::Count)? else {
        return Err(Malformed("counts people in another width"));
    };
    let people = Numbers::new(Values::U16(people));
    let columns = schema.properties().iter().map(|p| read_column(&mut r, count, &p.kind)).collect::<Result<_, _>>()?;
    let residents = read_people(&mut r, &schema, &people)?;
    if !r.0.is_empty() {
        return Err(Malformed("goes on after its end"));
    }
    Ok(Parts { about, schema, unplaced, cells, points, households, people, columns, residents })
}

fn read_people(r: &mut Reader<'_>, schema: &Schema, people: &Numbers) -> Result<People, Malformed> {
    let rows = people.values().len() as u32;
    let count = people.sum_in(Span { start: 0, end: rows });
    if count > i64::from(MAX_PEOPLE) {
        return Err(Malformed("has too many people"));
    }
    let persons = r.items(count as usize, u32::from_le_bytes)?;
    let before = |row| people.before(row) as usize;
    if !(0..rows).all(|row| persons[before(row)..before(row + 1)].is_sorted()) {
        return Err(Malformed("has people out of order"));
    }
    if has_twice(&persons) {
        return Err(Malformed("has a person twice"));
    }
    let read = |property: &Property| read_column(r, count as u32, &property.kind);
    let columns = schema.people().iter().map(read).collect::<Result<_, _>>()?;
    Ok(People::new(persons, columns))
}

fn has_twice(ids: &[u32]) -> bool {
    let mut sorted = ids.to_vec();
    sorted.par_sort_unstable();
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}

fn check_rows(cells: &[u64], points: &[[i32; 2]], households: &[u32]) -> Result<(), Malformed> {
    if !cells.is_sorted() {
        return Err(Malformed("has rows out of order"));
    }
    let is_row_cell = |&raw: &u64| CellIndex::try_from(raw).is_ok_and(|cell| cell.resolution() == grid::ROW_RESOLUTION);
    if !cells.iter().all(is_row_cell) {
        return Err(Malformed("has a cell that is no row cell"));
    }
    if !points.iter().all(|&point| point_of(point).is_some()) {
        return Err(Malformed("has a point that is not on Earth"));
    }
    if has_twice(households) {
        return Err(Malformed("has a household twice"));
    }
    Ok(())
}

fn read_about(r: &mut Reader<'_>) -> Result<About, Malformed> {
    let code: [u8; 4] = r.array()?;
    let comune: Option<Comune> = std::str::from_utf8(&code).ok().and_then(|code| code.parse().ok());
    let comune = comune.ok_or(Malformed("names no comune"))?;
    let name = r.text()?;
    let year = i16::from_le_bytes(r.array()?);
    let [month, day] = r.array()?.map(|byte: u8| byte as i8);
    let as_of = Date::new(year, month, day).map_err(|_| Malformed("has no date"))?;
    let (model_id, model_version, model_title) = (r.text()?, r.text()?, read_titles(r)?);
    Ok(About { comune, name, as_of, model_id, model_version, model_title })
}

fn read_titles(r: &mut Reader<'_>) -> Result<Titles, Malformed> {
    Ok(Titles { it: r.text()?, en: r.text()? })
}

fn read_schema(r: &mut Reader<'_>) -> Result<Schema, Malformed> {
    let (indicators, count, people) = (r.u32()? as usize, r.u32()? as usize, r.u32()?);
    let mut properties = Vec::new();
    for _ in 0..count {
        properties.push(read_property(r)?);
    }
    let fits = |(place, property): (usize, &Property)| Schema::allows(place, indicators, &property.kind);
    if !properties.iter().enumerate().all(fits) {
        return Err(Malformed("has a property out of place"));
    }
    let mut person = Vec::new();
    for _ in 0..people {
        person.push(read_property(r)?);
    }
    let cannot = Malformed("has a table of properties that cannot be");
    Schema::of(properties, indicators).and_then(|schema| schema.with_people(&person)).map_err(|_| cannot)
}

fn read_property(r: &mut Reader<'_>) -> Result<Property, Malformed> {
    let unknown = Malformed("has a property of an unknown kind");
    let key = r.text()?;
    let kind = match r.u8()? as usize {
        place if place == KINDS.len() => {
            let count = r.u8()?;
            Kind::Category((0..count).map(|_| Ok((r.text()?, read_titles(r)?))).collect::<Result<_, Malformed>>()?)
        }
        place => KINDS.get(place).cloned().ok_or(unknown)?,
    };
    Ok(Property {
        key,
        kind,
        unit: UNITS.get(r.u8()? as usize).copied().ok_or(unknown)?,
        sensitivity: SENSITIVITIES.get(r.u8()? as usize).copied().ok_or(unknown)?,
        title: read_titles(r)?,
        description: read_titles(r)?,
        dimension: match r.u8()? {
            u8::MAX => None,
            place => Some(Dimension::ALL.get(place as usize).copied().ok_or(unknown)?),
        },
        decimals: r.u8()?,
    })
}

fn read_bits(r: &mut Reader<'_>, rows: u32) -> Result<Bits, Malformed> {
    let words = r.items((rows as usize).div_ceil(64), u64::from_le_bytes)?;
    Bits::from_words(words, rows).ok_or(Malformed("has bits past its rows"))
}

fn read_values(r: &mut Reader<'_>, rows: usize, kind: &Kind) -> Result<Values, Malformed> {
    Ok(match (r.u8()?, kind) {
        (0, Kind::Count) => Values::U8(r.take(rows)?.to_vec()),
        (1, Kind::Count) => Values::U16(r.items(rows, u16::from_le_bytes)?),
        (2, Kind::Cents) => Values::I32(r.items(rows, i32::from_le_bytes)?),
        (3, Kind::Score) => Values::F32(r.items(rows, f32::from_le_bytes)?, SCORE_PARTS),
        (3, Kind::Number) => Values::F32(r.items(rows, f32::from_le_bytes)?, NUMBER_PARTS),
        _ => return Err(Malformed("has a column of another kind than its property")),
    })
}

fn read_column(r: &mut Reader<'_>, rows: u32, kind: &Kind) -> Result<Column, Malformed> {
    let outside = Malformed("has a value outside its column's range");
    match kind {
        Kind::Index => Ok(Column::Absent),
        Kind::Finding | Kind::Flag => {
            let (known, set) = (read_bits(r, rows)?, read_bits(r, rows)?);
            if set.within(&known) { Ok(Column::Marks { known, set }) } else { Err(outside) }
        }
        Kind::Day => {
            let known = read_bits(r, rows)?;
            let days = r.items(rows as usize, i32::from_le_bytes)?;
            let fits = |(at, &day)| if known.get(Row(at)) { date_of(day).is_some() } else { day == 0 };
            if (0..).zip(&days).all(fits) { Ok(Column::Days { known, days }) } else { Err(outside) }
        }
        Kind::Category(entries) => {
            let places = r.take(rows as usize)?.to_vec();
            let fits = |&place: &u8| place == NO_CATEGORY || usize::from(place) < entries.len();
            if places.iter().all(fits) { Ok(Column::Categories(places)) } else { Err(outside) }
        }
        Kind::Score | Kind::Count | Kind::Cents | Kind::Number => {
            let known = read_bits(r, rows)?;
            let values = read_values(r, rows as usize, kind)?;
            if fits(&values, &known) {
                Ok(Column::Numbers { known, numbers: Numbers::new(values) })
            } else {
                Err(outside)
            }
        }
    }
}

/// Known values lie in range, unknown ones are zero.
fn fits(values: &Values, known: &Bits) -> bool {
    let all = |is_zero: &dyn Fn(usize) -> bool| (0..values.len()).all(|at| known.get(Row(at as u32)) || is_zero(at));
    match values {
        Values::U8(v) => all(&|at| v[at] == 0),
        Values::U16(v) => all(&|at| v[at] == 0),
        Values::I32(v) => all(&|at| v[at] == 0),
        Values::F32(v, SCORE_PARTS) => v.iter().all(|x| (0.0..=1.0).contains(x)) && all(&|at| v[at] == 0.0),
        Values::F32(v, _) => v.iter().all(|x| x.abs() <= NUMBER_LIMIT) && all(&|at| v[at] == 0.0),
    }
}

#[cfg(test)]
mod tests;
