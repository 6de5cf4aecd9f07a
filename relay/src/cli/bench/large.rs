//! `roost bench large`: a year's conversations in one workspace; what starting, the inbox and searching cost then.

use std::io::{Error, Result};
use std::time::Duration;

use serde_json::Value;

use super::load::Rooms;
use super::measured::{Report, Sorted};
use super::pace::Pressure;
use super::roost::Desk;
use super::seeding::seed;
use super::server::{Server, Setup};
use super::target::Target;
use super::words::Words;
use super::year::Size;

/// What `--growth` measures, in messages.
const GROWTH: [u32; 3] = [10_000, 100_000, 1_000_000];
/// Pages of this many rows lead to the deep one.
const DEEP_PAGES: u32 = 100;
const DEEP_ROWS: u32 = 200;
/// As many rows and events as the inbox asks for.
const ROWS: u32 = 40;
const EVENTS: u32 = 60;
/// Words that hardly anybody uses begin here.
const RARE: usize = 40_000;

#[derive(Debug, clap::Args)]
pub(super) struct LargeArguments {
    /// Conversations in the store
    #[arg(long, default_value_t = 100_000)]
    conversations: u32,
    /// Messages in them, about
    #[arg(long, default_value_t = 1_000_000)]
    messages: u32,
    /// How often each thing is asked for, one after the other
    #[arg(long, default_value_t = 300)]
    repeats: usize,
    /// Starts to time
    #[arg(long, default_value_t = 5)]
    starts: u32,
    /// How long it is under load before it is killed
    #[arg(long, default_value_t = 3)]
    load_seconds: u64,
    /// 10,000, 100,000 and 1,000,000 messages instead, side by side; SQLite only
    #[arg(long, conflicts_with = "messages")]
    growth: bool,
}

impl LargeArguments {
    /// So many messages, with as many in each conversation as was asked for.
    fn size(&self, messages: u32) -> Size {
        let share = f64::from(messages) / f64::from(self.messages.max(1));
        Size { conversations: ((f64::from(self.conversations) * share) as u32).max(1), messages }
    }
}

pub(super) async fn measure(setup: &Setup, arguments: &LargeArguments) -> Result<Report> {
    if !arguments.growth {
        return one(setup, arguments, arguments.size(arguments.messages)).await;
    }
    if setup.database_url.is_some() {
        return Err(Error::other("--growth fills three stores, but there is one database: give --messages"));
    }
    let mut reports = Vec::new();
    for messages in GROWTH {
        let setup = Setup { folder: setup.folder.join(messages.to_string()), ..setup.clone() };
        let report = one(&setup, arguments, arguments.size(messages)).await?;
        reports.push((messages.to_string(), report));
        std::fs::remove_dir_all(&setup.folder)?;
    }
    Ok(Report::beside(reports))
}

async fn one(setup: &Setup, arguments: &LargeArguments, size: Size) -> Result<Report> {
    let mut report = Report::default();
    report.add("conversations", f64::from(size.conversations), "");
    report.add("messages, about", f64::from(size.messages), "");
    let key = Box::pin(seed(setup, size, &mut report)).await?;
    starts(setup, arguments.starts, &mut report).await?;
    let server = Server::start(setup).await?;
    let mut clerk =
        Clerk { desk: Desk::open(server.address).await?, repeats: arguments.repeats, report: &mut report };
    clerk.inbox().await?;
    clerk.search(&Words::new()).await?;
    report.add("memory afterwards", server.processes.resident_bytes()? as f64 / 1_048_576.0, "MiB");
    server.stop().await?;
    kill_under_load(setup, &key, arguments.load_seconds, &mut report).await?;
    Ok(report)
}

async fn starts(setup: &Setup, count: u32, report: &mut Report) -> Result<()> {
    let mut ready_ms = Vec::new();
    for _ in 0..count.max(1) {
        let server = Server::start(setup).await?;
        ready_ms.push(server.ready_in.as_secs_f64() * 1e3);
        server.stop().await?;
    }
    let ready_ms = Sorted::new(ready_ms);
    report.add("start to ready, median", ready_ms.at(0.5), "ms");
    report.add("start to ready, longest", ready_ms.at(1.0), "ms");
    Ok(())
}

/// Times the start after a server was killed while it stored as much as it could.
async fn kill_under_load(setup: &Setup, key: &str, seconds: u64, report: &mut Report) -> Result<()> {
    let target = Target::roost(setup, key).await?;
    let rooms = Rooms::open(&target.entrance, 64).await?;
    let pressure = Pressure { rooms: usize::MAX, window: 8 };
    tokio::select! {
        ended = rooms.saturate(pressure, Duration::from_secs(seconds + 60), &target.processes) => drop(ended?),
        () = tokio::time::sleep(Duration::from_secs(seconds)) => {}
    }
    target.stop().await?;
    let server = Server::start(setup).await?;
    report.add("start to ready, after a kill under load", server.ready_in.as_secs_f64() * 1e3, "ms");
    server.stop().await
}

/// Somebody who asks for what the inbox asks for.
struct Clerk<'a> {
    desk: Desk,
    repeats: usize,
    report: &'a mut Report,
}

impl Clerk<'_> {
    async fn inbox(&mut self) -> Result<()> {
        let list = format!("/api/conversations?limit={ROWS}");
        for (what, filter) in [
            ("inbox, open", "&status=open"),
            ("inbox, mine", "&status=open&assignee=me"),
            ("inbox, nobody's", "&status=open&assignee=none"),
            ("list of any status", ""),
            ("list of any status, mine", "&assignee=me"),
        ] {
            self.ask(what, &[format!("{list}{filter}")]).await?;
        }
        let (cursor, ids) = self.descend().await?;
        self.ask("inbox, deep page", &[format!("{list}&status=resolved{cursor}")]).await?;
        self.ask("counts", &["/api/conversations/counts".to_owned()]).await?;
        let rows: Vec<String> = ids.iter().map(|id| format!("/api/conversations/{id}")).collect();
        self.ask("a conversation", &rows).await?;
        let events: Vec<String> = rows.iter().map(|row| format!("{row}/events?limit={EVENTS}")).collect();
        self.ask("its events", &events).await?;
        Ok(())
    }

    /// Turns pages to one deep in the list; gives its cursor, and conversations met on the way.
    async fn descend(&mut self) -> Result<(String, Vec<String>)> {
        let (mut cursor, mut ids) = (String::new(), Vec::new());
        for _ in 0..DEEP_PAGES {
            let path = format!("/api/conversations?limit={DEEP_ROWS}&status=resolved{cursor}");
            let (_, page) = self.desk.get(&path).await?;
            // A few of each page, so that they are not all of the same days.
            let found = items(&page).iter().step_by(60).filter_map(|row| row.get("id")?.as_str());
            ids.extend(found.map(str::to_owned));
            match page.get("next_cursor").and_then(Value::as_str) {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        if ids.is_empty() { Err(Error::other("the list is empty")) } else { Ok((cursor, ids)) }
    }

    async fn search(&mut self, words: &Words) -> Result<()> {
        let common = |number: usize| words.word(number % 3).to_owned();
        let rare = |number: usize| words.word(RARE + number % 300).to_owned();
        let some = |number: usize| words.word(500 + number % 300).to_owned();
        let cut = |number: usize, length: usize| -> String {
            words.word(number % 40).chars().take(length).collect()
        };
        self.look_for("a rare word", rare).await?;
        let found = self.look_for("a common word", common).await?;
        if found == 0 {
            return Err(Error::other("nothing was found"));
        }
        self.look_for("two common words", |n| format!("{} {}", common(n), common(n + 1))).await?;
        self.look_for("a rare and a common word", |n| format!("{} {}", rare(n), common(n))).await?;
        self.look_for("a common and a rare word", |n| format!("{} {}", common(n), rare(n))).await?;
        self.look_for("a usual and a common word", |n| format!("{} {}", some(n), common(n))).await?;
        self.look_for("one letter", |n| cut(n, 1)).await?;
        self.look_for("two letters", |n| cut(n, 2)).await?;
        self.look_for("three letters", |n| cut(n, 3)).await?;
        self.look_for("what nobody said", |_| "xylophone".to_owned()).await?;
        Ok(())
    }

    /// Gives how many rows the last answer had.
    async fn look_for(&mut self, what: &str, words: impl Fn(usize) -> String) -> Result<usize> {
        let path = |number| {
            let words = words(number).replace(' ', "+");
            format!("/api/conversations?limit={ROWS}&q={words}")
        };
        let paths: Vec<String> = (0..self.repeats).map(path).collect();
        self.ask(&format!("search: {what}"), &paths).await
    }

    /// Asks again and again, once beforehand without counting; gives how many rows the last answer had.
    async fn ask(&mut self, what: &str, paths: &[String]) -> Result<usize> {
        let (mut took_ms, mut rows) = (Vec::new(), 0);
        for (number, path) in paths.iter().cycle().take(self.repeats + 1).enumerate() {
            let (took, answer) = self.desk.get(path).await?;
            rows = items(&answer).len();
            if number > 0 {
                took_ms.push(took.as_secs_f64() * 1e3);
            }
        }
        let took_ms = Sorted::new(took_ms);
        self.report.add(format!("{what}: median"), took_ms.at(0.5), "ms");
        self.report.add(format!("{what}: 99th percentile"), took_ms.at(0.99), "ms");
        Ok(rows)
    }
}

/// The rows of a page; none where the answer is no page.
fn items(answer: &Value) -> &[Value] {
    answer.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
