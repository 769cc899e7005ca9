use std::time::Duration;

use rstest::rstest;

use super::*;
use crate::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn seconds(times: impl IntoIterator<Item = Timestamp>) -> Vec<String> {
    times.into_iter().map(|time| time.to_string().replace(".000000Z", "Z")).collect()
}

fn next(schedule: &Schedule, from: &str, count: usize) -> Vec<String> {
    seconds(schedule.upcoming(at(from)).take(count))
}

#[test]
fn a_cron_counts_in_its_own_zone() {
    let working_days = Schedule::cron("0 9 * * 1-5", "Europe/Vienna").unwrap();
    // A Friday in winter: the next one is Monday, at nine there.
    assert_eq!(next(&working_days, "2026-11-27T08:00:00Z", 2), ["2026-11-30T08:00:00Z", "2026-12-01T08:00:00Z"]);
    assert_eq!(next(&working_days, "2026-07-01T00:00:00Z", 1), ["2026-07-01T07:00:00Z"]);
}

#[test]
fn a_slot_that_the_clocks_skip_comes_right_after_the_gap() {
    // On 2027-03-28 the clocks of Vienna go from 02:00 to 03:00, which is 01:00 UTC.
    let daily = Schedule::cron("30 2 * * *", "Europe/Vienna").unwrap();
    let slots = next(&daily, "2027-03-26T12:00:00Z", 3);
    assert_eq!(slots, ["2027-03-27T01:30:00Z", "2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"]);
}

#[test]
fn a_slot_that_the_clocks_repeat_comes_once() {
    // On 2027-10-31 the clocks of Vienna go from 03:00 back to 02:00, so 02:30 is there twice.
    let daily = Schedule::cron("30 2 * * *", "Europe/Vienna").unwrap();
    let slots = next(&daily, "2027-10-30T12:00:00Z", 2);
    assert_eq!(slots, ["2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"]);
}

#[test]
fn what_comes_every_hour_keeps_coming_every_hour_when_the_clocks_change() {
    let hourly = Schedule::cron("0 * * * *", "Europe/Vienna").unwrap();
    for night in ["2027-03-28", "2027-10-31"] {
        let slots: Vec<_> = hourly.upcoming(at(&format!("{night}T00:00:00Z"))).take(4).collect();
        assert!(slots.windows(2).all(|pair| pair[1].since(pair[0]) == Duration::from_hours(1)), "{night}: {slots:?}");
    }
}

#[test]
fn an_interval_falls_on_its_multiples_and_knows_no_summer() {
    let every = Schedule::every(300).unwrap();
    assert_eq!(next(&every, "2027-03-28T00:59:59Z", 2), ["2027-03-28T01:00:00Z", "2027-03-28T01:05:00Z"]);
    assert_eq!(next(&every, "2027-03-28T01:00:00Z", 1), ["2027-03-28T01:05:00Z"]);
}

#[test]
fn what_comes_once_comes_once() {
    let once = Schedule::once("2027-03-01T09:00", "Europe/Vienna").unwrap();
    assert_eq!(next(&once, "2027-01-01T00:00:00Z", 5), ["2027-03-01T08:00:00Z"]);
    assert_eq!(next(&once, "2027-03-01T08:00:00Z", 5), [""; 0]);
    assert_eq!(Schedule::once("2027-03-01T09:00:00+01:00", "UTC").unwrap(), once);
}

#[rstest]
#[case::nonsense("whenever", "UTC", "expr", "cannot be read")]
#[case::seconds("0 0 9 * * 1", "UTC", "expr", "cannot be read")]
#[case::never("0 0 30 2 *", "UTC", "expr", "never comes")]
#[case::zone("0 9 * * *", "Europe/Atlantis", "zone", "is no time zone")]
fn a_cron_that_cannot_be_is_refused(#[case] expr: &str, #[case] zone: &str, #[case] field: &str, #[case] why: &str) {
    let fault = Schedule::cron(expr, zone).unwrap_err();
    assert_eq!(fault.field, field);
    assert!(fault.message.contains(why), "{fault}");
}

#[test]
fn the_day_that_only_leap_years_have_comes() {
    let leap = Schedule::cron("0 0 29 2 *", "UTC").unwrap();
    assert_eq!(next(&leap, "2026-11-27T00:00:00Z", 1), ["2028-02-29T00:00:00Z"]);
}

#[rstest]
#[case(9)]
#[case(0)]
#[case(LONGEST + 1)]
fn an_interval_that_is_too_short_or_too_long_is_refused(#[case] seconds: u64) {
    assert_eq!(Schedule::every(seconds).unwrap_err().field, "seconds");
}

#[rstest]
#[case::gap("2027-03-28T02:30", "does not exist in Europe/Vienna")]
#[case::twice("2027-10-31T02:30", "2027-10-31T02:30:00+02:00 or 2027-10-31T02:30:00+01:00")]
#[case::unreadable("tomorrow", "must be a time as 2027-03-01T09:00")]
fn a_local_time_that_is_not_there_once_is_refused(#[case] time: &str, #[case] why: &str) {
    let fault = Schedule::once(time, "Europe/Vienna").unwrap_err();
    assert_eq!(fault.field, "at");
    assert!(fault.message.contains(why), "{fault}");
}

#[rstest]
#[case::one_run(Missed::RunOnce, &["2027-01-01T12:00:00Z"])]
#[case::none(Missed::Skip, &[])]
#[case::all(Missed::RunAll, &["2027-01-01T10:00:00Z", "2027-01-01T11:00:00Z", "2027-01-01T12:00:00Z"])]
fn slots_that_passed_while_the_server_was_off_follow_the_rule(#[case] missed: Missed, #[case] run: &[&str]) {
    let hourly = Schedule::every(3_600).unwrap().missed(missed);
    let Due { slots, next } = hourly.due(at("2027-01-01T10:00:00Z"), at("2027-01-01T12:30:00Z"));
    assert_eq!(
        (seconds(slots), seconds(next)),
        (run.iter().map(|slot| (*slot).to_owned()).collect(), vec!["2027-01-01T13:00:00Z".to_owned()])
    );
}

#[rstest]
#[case(Missed::RunOnce)]
#[case(Missed::Skip)]
#[case(Missed::RunAll)]
fn a_slot_that_is_on_time_is_run_by_every_rule(#[case] missed: Missed) {
    let daily = Schedule::cron("0 9 * * *", "UTC").unwrap().missed(missed);
    let due = daily.due(at("2027-01-01T09:00:00Z"), at("2027-01-01T09:00:03Z"));
    assert_eq!(
        (seconds(due.slots), seconds(due.next)),
        (vec!["2027-01-01T09:00:00Z".to_owned()], vec!["2027-01-02T09:00:00Z".to_owned()])
    );
}

#[test]
fn no_more_than_a_hundred_slots_are_made_up_for_and_those_are_the_newest() {
    let often = Schedule::every(60).unwrap().missed(Missed::RunAll);
    let due = often.due(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
    assert_eq!((due.slots.len(), seconds(due.slots.last().copied())), (100, vec!["2027-01-01T00:00:00Z".to_owned()]));
}
