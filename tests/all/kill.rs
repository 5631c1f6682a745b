//! kill -9 at 50 random moments of an import: nothing half-done is left, and a later run completes to the same
//! snapshot as one that was never interrupted.

use std::{
    process::Stdio,
    thread::sleep,
    time::{Duration, Instant},
};

use crate::place::{Folder, atlante, attempt, report, run};

const KILLS: u32 = 50;

fn import_arguments<'a>(town: &'a str, data: &'a str, files: &'a [String; 4]) -> Vec<&'a str> {
    vec![
        "import", "--quiet", "--data", data, "--comune", "X001", "--civics", &files[0], "--civics", &files[1],
        "--layer", &files[2], "--layer", &files[3], "--banks", town,
    ]
}

fn generation(data: &str) -> String {
    let refreshed = report(&["refresh", "--quiet", "--data", data, "--as-of", "2026-06-30"]);
    refreshed["generation"].as_str().expect("a generation").to_owned()
}

#[test]
fn an_import_killed_at_random_moments_completes_to_the_same_snapshot() {
    let folder = Folder::new("kill");
    let town = folder.at("town");
    run(&["synth", "--quiet", "--households", "3000", "--seed", "7", "--out", &town]);
    let files = [
        format!("{town}/civics/indirizzario.csv"),
        format!("{town}/civics/stradario.csv"),
        format!("boundary={town}/boundary.geojson"),
        format!("sections={town}/sections.geojson"),
    ];
    let banks = format!("{town}/banks");
    let (whole, broken) = (folder.at("whole"), folder.at("broken"));

    let began = Instant::now();
    run(&import_arguments(&banks, &whole, &files));
    let span = began.elapsed();

    // A fixed linear congruential stream: random moments, the same in every run.
    let mut state = 20_261_123_u64;
    let (mut killed, mut finished) = (0, 0);
    while killed < KILLS {
        let mut child = atlante()
            .args(import_arguments(&banks, &broken, &files))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        sleep(span.mul_f64((state >> 40) as f64 / (1_u64 << 24) as f64).min(Duration::from_secs(5)));
        let ended = child.try_wait().expect("a state");
        let _ = child.kill();
        child.wait().expect("the end of the child");
        let check = attempt(&["check", "--quiet", "--data", &broken]);
        let said = String::from_utf8_lossy(&check.stderr).into_owned();
        // Killed before there was a store, there is none; never a damaged one.
        let none_yet = check.status.code() == Some(1) && said.contains("no store in this folder");
        assert!(check.status.success() || none_yet, "check ended with {}: {said}", check.status);
        if ended.is_some() {
            // It was too fast for us: start over, or there is nothing left to interrupt.
            finished += 1;
            assert!(finished < 4 * KILLS, "the kills come too late to test anything");
            let _ = std::fs::remove_dir_all(&broken);
        } else {
            killed += 1;
        }
    }
    println!("{killed} imports were killed, {finished} ended before");

    run(&import_arguments(&banks, &broken, &files));
    run(&["check", "--quiet", "--data", &broken]);
    assert_eq!(generation(&broken), generation(&whole));
    for subject in ["links", "addresses", "rejects"] {
        let (a, b) = (folder.at("a.csv"), folder.at("b.csv"));
        run(&["export", subject, "--quiet", "--data", &whole, "--output", &a]);
        run(&["export", subject, "--quiet", "--data", &broken, "--output", &b]);
        assert_eq!(std::fs::read(&a).expect("an export"), std::fs::read(&b).expect("an export"), "{subject}");
    }
}
