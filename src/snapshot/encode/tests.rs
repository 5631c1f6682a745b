use proptest::prelude::*;

use super::*;
use crate::snapshot::invented;

#[test]
fn what_is_written_is_read_again() {
    let (snapshot, _) = invented::world(7, 900, 5, 0.1);
    let bytes = snapshot.encode();
    let again = Snapshot::decode(&bytes).unwrap();
    assert_eq!(again.parts(), snapshot.parts());
    assert_eq!(again.generation(), snapshot.generation());
    assert_eq!(again.encode(), bytes);
}

#[test]
fn the_order_in_which_households_come_does_not_show() {
    let mut households = invented::households(11, 500, 3, 0.05);
    let one = invented::freeze(invented::schema(3), &households);
    households.reverse();
    let other = invented::freeze(invented::schema(3), &households);
    assert_eq!(one.encode(), other.encode());
    let person = households[0].members.pop().unwrap();
    households[0].members.push((person.0 + 7, person.1));
    assert_ne!(one.generation(), invented::freeze(invented::schema(3), &households).generation());
}

#[test]
fn an_empty_world_is_a_world() {
    let (snapshot, _) = invented::world(1, 0, 0, 0.1);
    let again = Snapshot::decode(&snapshot.encode()).unwrap();
    assert_eq!((again.households(), again.people(), again.bounds()), (0, 0, None));
    assert_eq!(again.unplaced(), Unplaced { households: 1, people: 3 });
}

#[test]
fn every_cut_is_an_error() {
    let bytes = invented::world(3, 40, 2, 0.1).0.encode();
    for cut in 0..bytes.len() {
        assert!(Snapshot::decode(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    assert!(Snapshot::decode(&[bytes, vec![0]].concat()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_changed_byte_is_an_error(at in any::<prop::sample::Index>(), change in 1u8..) {
        let mut bytes = invented::world(5, 60, 2, 0.1).0.encode();
        let at = at.index(bytes.len());
        bytes[at] ^= change;
        prop_assert!(Snapshot::decode(&bytes).is_err());
    }

    /// Past the checksum too: a forged content is refused or read, never a panic, and what is read can be asked.
    #[test]
    fn a_forged_content_does_not_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut bytes = body(invented::world(5, 60, 2, 0.1).0.parts());
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(parts) = read(&bytes) {
            let snapshot = Snapshot::assemble("forged".into(), parts);
            for row in snapshot.all().rows() {
                for slot in 0..snapshot.schema().properties().len() {
                    snapshot.value(crate::snapshot::schema::Slot(slot as u16), row);
                }
            }
        }
    }
}
