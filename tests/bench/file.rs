//! Files of 420,000 households: how long, how much memory, and the same by the format's own writer.

use std::{io::Write, sync::Arc};

use atlante::{
    access::{Actor, Disclosed, HouseholdRecords, Role, disclose, grant, opened::Opened, opened::Picked},
    domain::feature::Value,
    publish::features::{
        Format,
        geojson::{self, Dress},
    },
    query::collection::{FieldKind, Households},
    snapshot::{Row, Snapshot},
};
use flatgeobuf::{ColumnType, FgbCrs, FgbWriter, FgbWriterOptions, GeometryType};
use geozero::{ColumnValue, PropertyProcessor as _};

use crate::{
    Table,
    gauge::{each_s, least, once, peak_gib, start_peak},
};

/// A destination that only counts.
#[derive(Default)]
struct Count {
    bytes: u64,
    most: usize,
}

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.bytes += bytes.len() as u64;
        self.most = self.most.max(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub fn measure(table: &mut Table, snapshot: &Arc<Snapshot>) {
    let households = Arc::new(Households::new(Arc::clone(snapshot)));
    let grant =
        grant::<HouseholdRecords>(&Actor::named("bench", Role::Health)).expect("health services read households");
    let opened = |picked| disclose::household_rows(&grant, &households, picked).0;
    let all = opened(Picked::All);
    let fields = all.fields().len();
    for format in [Format::FlatGeobuf, Format::GeoJson, Format::Csv] {
        let resident = start_peak();
        let (count, spent) = least(3, || {
            let mut count = Count::default();
            atlante::publish::features::write(&all, format, &mut count).expect("a counter takes everything");
            count
        });
        let more = peak_gib("self").zip(resident).map_or(0.0, |(peak, before)| (peak - before) * 1024.0);
        let figure =
            format!("file: {}, {} points, {fields} fields, {} MB", format.title(), all.len(), count.bytes >> 20);
        let measured = format!("{spent}, {more:.0} MiB of memory");
        if format == Format::FlatGeobuf {
            let (bytes, twin) = once(|| by_the_crate(&all));
            let twin_s = twin.wall_s;
            table.beside(
                figure,
                "≤ 1.5 s",
                measured,
                format!("by the crate, over a file: {twin_s:.2} s, {} MB", bytes >> 20),
                Some(twin_s / spent.wall_s),
            );
        } else {
            table.note(figure, "", measured);
        }
    }
    let page = opened(Picked::Page((0..1_000).map(|at| Row(at * 400)).collect()));
    let mut bytes = Vec::new();
    let page_s = each_s(200, 1, |_| {
        bytes.clear();
        geojson::write(&page, &Dress::PLAIN, &mut bytes).expect("a vector takes everything");
    });
    let figure = format!("file: a page of 1,000 items as GeoJSON, {} kB", bytes.len() >> 10);
    table.note(figure, "≤ 2 ms", format!("{:.2} ms", page_s * 1e3));
}

/// The slow twin: the writer of the format's own crate, which keeps the features in a file.
fn by_the_crate(rows: &Disclosed<Opened>) -> u64 {
    let options = FgbWriterOptions { crs: FgbCrs { code: 4326, ..FgbCrs::default() }, ..FgbWriterOptions::default() };
    let mut writer = FgbWriter::create_with_options(rows.name(), GeometryType::Point, options).expect("a writer");
    let names: Vec<Box<str>> = rows.fields().map(|field| field.name.clone()).collect();
    for field in rows.fields() {
        let kind = match field.kind {
            FieldKind::Flag => ColumnType::Bool,
            FieldKind::Whole => ColumnType::Long,
            FieldKind::Number => ColumnType::Double,
            _ => ColumnType::String,
        };
        writer.add_column(&field.name, kind, |_, column| column.nullable = true);
    }
    for row in rows.rows() {
        let geometry = rows.geometry(row).into_owned();
        writer
            .add_feature_geom(geometry, |feature| {
                for (at, (name, value)) in names.iter().zip(rows.values(row)).enumerate() {
                    let value = match &value {
                        Value::Flag(flag) => ColumnValue::Bool(*flag),
                        Value::Whole(whole) => ColumnValue::Long(*whole),
                        Value::Number(number) => ColumnValue::Double(*number),
                        Value::Text(text) => ColumnValue::String(text),
                        _ => continue,
                    };
                    feature.property(at, name, &value).expect("a property is kept");
                }
            })
            .expect("a feature is kept");
    }
    let mut count = Count::default();
    writer.write(&mut count).expect("a counter takes everything");
    count.bytes
}
