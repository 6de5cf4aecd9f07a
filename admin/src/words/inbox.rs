//! Words of the inbox, of times, and of what is shared by all screens.

use protocol::event::Status;

use super::{LANGUAGE, Language, count, phrases, pick, words};
use crate::place::{Section, View};

words! {
    actions: "Actions", "Aktionen";
    add_note: "Add note", "Notiz anlegen";
    assign: "Assign", "Zuweisen";
    assign_to_me: "Assign to me", "Mir zuweisen";
    assigned_to_you: "Assigned to you", "Ihnen zugewiesen";
    attributes: "Attributes", "Merkmale";
    back_to_list: "Back to the list", "Zurück zur Liste";
    came_from: "Came from", "Kam von";
    cancel: "Cancel", "Abbrechen";
    choose_conversation: "No conversation selected", "Keine Unterhaltung ausgewählt";
    choose_hint: "Pick one from the list, or press J and K to walk through it.", "Wählen Sie eine aus der Liste, oder gehen Sie sie mit J und K durch.";
    clear_search: "Clear the search", "Suche leeren";
    close: "Close", "Schließen";
    company: "Company", "Firma";
    composer_mode: "What to write", "Was Sie schreiben";
    connect_again: "Use Roost here", "Roost hier verwenden";
    contact: "Contact", "Kontakt";
    control_enter_hint: "Ctrl + Enter to send", "Strg + Enter sendet";
    conversation: "Conversation", "Unterhaltung";
    conversation_began: "Conversation began", "Beginn der Unterhaltung";
    conversations: "Conversations", "Unterhaltungen";
    copied: "Copied", "Kopiert";
    copy: "Copy", "Kopieren";
    copy_link: "Copy link", "Link kopieren";
    counts_failed: "The numbers could not be loaded.", "Die Zahlen konnten nicht geladen werden.";
    could_not_copy: "The browser did not let us copy. Select the text and copy it yourself.", "Der Browser erlaubt das Kopieren nicht. Markieren und kopieren Sie den Text selbst.";
    crashed: "Something in Roost broke. Nothing you sent is lost. ", "In Roost ist etwas kaputtgegangen. Nichts Gesendetes ist verloren. ";
    details: "Details", "Details";
    device: "Device", "Gerät";
    discard: "Discard", "Verwerfen";
    dismiss: "Dismiss", "Ausblenden";
    done: "Done", "Fertig";
    earlier: "Other conversations", "Weitere Unterhaltungen";
    earlier_failed: "Other conversations could not be loaded.", "Weitere Unterhaltungen konnten nicht geladen werden.";
    email: "Email", "E-Mail";
    emoji: "Emoji", "Emoji";
    enter_hint: "Enter to send, Shift + Enter for a new line", "Enter sendet, Umschalt + Enter bricht um";
    filters: "Which conversations", "Welche Unterhaltungen";
    first_seen: "First seen", "Zuerst gesehen";
    hide_details: "Hide details", "Details ausblenden";
    history: "History", "Verlauf";
    inbox: "Inbox", "Posteingang";
    jump_to_latest: "Jump to latest", "Zum Neuesten";
    just_now: "just now", "gerade eben";
    language: "Language", "Sprache";
    last_seen: "Last seen", "Zuletzt gesehen";
    link_refused: "The server closed the connection.", "Der Server hat die Verbindung beendet.";
    link_superseded: "Roost is in use in another tab.", "Roost wird in einem anderen Tab verwendet.";
    link_waiting: "Reconnecting… What you see may be out of date. Messages you send wait here.", "Verbindung wird wiederhergestellt … Das Gezeigte kann veraltet sein. Nachrichten warten hier.";
    list_failed: "We could not load the conversations", "Die Unterhaltungen konnten nicht geladen werden";
    list_width: "Width of the list", "Breite der Liste";
    loading: "Loading…", "Wird geladen …";
    local_time: "Local time", "Ortszeit";
    mark_delivered: "Delivered", "Zugestellt";
    mark_failed: "Not sent", "Nicht gesendet";
    mark_read: "Read", "Gelesen";
    mark_sending: "Sending", "Wird gesendet";
    mark_sent: "Sent", "Gesendet";
    mark_waiting: "Waiting for the connection", "Wartet auf die Verbindung";
    messages: "Messages", "Nachrichten";
    new_message: "New message", "Neue Nachricht";
    no_conversations_yet: "No conversations yet", "Noch keine Unterhaltungen";
    no_conversations_yet_hint: "They appear here as soon as a visitor writes in your widget.", "Sie erscheinen hier, sobald jemand im Widget schreibt.";
    no_messages_hint: "Say hello first: the visitor sees it in the widget.", "Sagen Sie zuerst Hallo: Es erscheint im Widget.";
    no_messages_yet: "No messages yet", "Noch keine Nachrichten";
    no_relay: "Roost cannot be reached", "Roost ist nicht erreichbar";
    nobody: "Nobody", "Niemand";
    none_hint: "New ones show up here by themselves.", "Neue erscheinen hier von selbst.";
    none_mine: "Nothing open is assigned to you", "Ihnen ist nichts Offenes zugewiesen";
    none_open: "All caught up", "Alles erledigt";
    none_pending: "Nothing is pending", "Nichts ist in Wartestellung";
    none_resolved: "Nothing is resolved yet", "Noch nichts ist gelöst";
    none_snoozed: "Nothing is snoozed", "Nichts ist zurückgestellt";
    none_unassigned: "Everything open has somebody", "Für alles Offene ist jemand da";
    not_found: "There is nothing at this address", "Unter dieser Adresse ist nichts";
    not_found_hint: "The link may be old, or a letter is missing.", "Vielleicht ist der Link alt, oder es fehlt ein Buchstabe.";
    not_on_the_site: "Away", "Nicht da";
    note: "Note", "Notiz";
    nothing_found: "Nothing found", "Nichts gefunden";
    now: "now", "jetzt";
    on_the_site: "On the site", "Auf der Seite";
    open_campaigns: "Set up a widget", "Widget einrichten";
    page: "Page", "Seite";
    palette: "Go to, find or do", "Gehen, finden, tun";
    palette_hint: "A screen, an action, or words from a conversation", "Ein Bereich, eine Aktion oder Worte aus einer Unterhaltung";
    phone: "Phone", "Telefon";
    reload: "Reload", "Neu laden";
    reopen: "Reopen", "Wieder öffnen";
    reopen_conversation: "Reopen the conversation", "Unterhaltung wieder öffnen";
    reply: "Reply", "Antwort";
    resolve: "Resolve", "Lösen";
    resolve_conversation: "Resolve the conversation", "Unterhaltung lösen";
    search: "Search conversations", "Unterhaltungen suchen";
    searching: "Searching…", "Suche läuft …";
    sections: "Sections", "Bereiche";
    send: "Send", "Senden";
    shortcuts: "Keyboard shortcuts", "Tastenkürzel";
    show_details: "Show details", "Details einblenden";
    skip_to_content: "Skip to content", "Zum Inhalt";
    snooze: "Snooze", "Zurückstellen";
    snooze_afternoon: "For 4 hours", "Für 4 Stunden";
    snooze_hour: "For 1 hour", "Für 1 Stunde";
    snooze_monday: "Until Monday, 9:00", "Bis Montag, 9:00";
    snooze_tomorrow: "Until tomorrow, 9:00", "Bis morgen, 9:00";
    their_id: "Their id", "Ihre Kennung";
    thread_failed: "We could not load this conversation", "Diese Unterhaltung konnte nicht geladen werden";
    time_zone: "Time zone", "Zeitzone";
    to_inbox: "Go to the inbox", "Zum Posteingang";
    today: "Today", "Heute";
    try_again: "Try again", "Erneut versuchen";
    undo: "Undo", "Rückgängig";
    unreachable: "We could not reach Roost. Check your connection, then try again.", "Roost ist nicht erreichbar. Prüfen Sie die Verbindung und versuchen Sie es erneut.";
    unreadable: "Roost gave an answer this page does not understand. Reload the page, then try again.", "Roost hat unverständlich geantwortet. Laden Sie die Seite neu und versuchen Sie es erneut.";
    unverified: "As the page and the browser say. Not verified.", "Angaben der Seite und des Browsers, nicht geprüft.";
    waiting_since: "Waiting since", "Wartet seit";
    web_chat: "Web chat", "Webchat";
    where_they_are: "Where they are", "Wo sie sind";
    window_size: "Window", "Fenster";
    write_note: "Write a note only your team sees…", "Notiz schreiben, die nur Ihr Team sieht …";
    write_reply: "Write a reply…", "Antwort schreiben …";
    yesterday: "Yesterday", "Gestern";
    you: "You", "Sie";
}

phrases! {
    assigned_to(name): "Assigned to {name}", "Zugewiesen an {name}";
    inbox_of(name): "Inbox: {name}", "Posteingang: {name}";
    is_typing(name): "{name} is typing…", "{name} schreibt …";
    me(name): "{name} (you)", "{name} (Sie)";
    not_sent(why): "Not sent. {why}", "Nicht gesendet. {why}";
    nothing_found_hint(query): "No conversation has “{query}” in it.", "Keine Unterhaltung enthält „{query}“.";
    said(name, text): "{name} says: {text}", "{name} sagt: {text}";
    says(name): "{name}: ", "{name}: ";
    snoozed_until(time): "Snoozed until {time}", "Zurückgestellt bis {time}";
    took_it(name): "{name} took the conversation", "{name} hat die Unterhaltung übernommen";
    you_said(text): "You: {text}", "Sie: {text}";
}

pub(crate) fn short_minutes(number: i64) -> String {
    format!("{number} {}", pick("min", "Min."))
}

pub(crate) fn short_hours(number: i64) -> String {
    format!("{number} {}", pick("h", "Std."))
}

pub(crate) fn minutes_ago(number: i64) -> String {
    match LANGUAGE.get() {
        Language::English => format!("{} ago", count(number, "minute", "minutes")),
        Language::German => format!("vor {}", count(number, "Minute", "Minuten")),
    }
}

pub(crate) fn hours_ago(number: i64) -> String {
    match LANGUAGE.get() {
        Language::English => format!("{} ago", count(number, "hour", "hours")),
        Language::German => format!("vor {}", count(number, "Stunde", "Stunden")),
    }
}

pub(crate) fn count_new(number: usize) -> String {
    count(number, pick("new", "neue"), pick("new", "neue"))
}

pub(crate) fn count_unread(number: u64) -> String {
    count(
        number,
        pick("unread message", "ungelesene Nachricht"),
        pick("unread messages", "ungelesene Nachrichten"),
    )
}

pub(crate) fn bytes_left(left: i64) -> String {
    if left < 0 {
        format!("{} {}", -left, pick("characters too long", "Zeichen zu lang"))
    } else {
        format!("{left} {}", pick("characters left", "Zeichen übrig"))
    }
}

pub(crate) fn status_without_reason(status: u16) -> String {
    match LANGUAGE.get() {
        Language::English => {
            format!("The server answered with {status} and no reason. Try again in a moment.")
        }
        Language::German => {
            format!("Der Server antwortete mit {status} ohne Grund. Versuchen Sie es gleich noch einmal.")
        }
    }
}

pub(crate) fn view(view: View) -> &'static str {
    match view {
        View::Mine => pick("Mine", "Meine"),
        View::Unassigned => pick("Unassigned", "Offen für alle"),
        View::All => pick("All", "Alle"),
    }
}

pub(crate) fn section(section: Section) -> &'static str {
    match section {
        Section::Inbox => inbox(),
        Section::Campaigns => super::campaigns(),
        Section::People => super::people(),
        Section::Settings => super::settings(),
    }
}

pub(crate) fn status(status: Status) -> &'static str {
    match status {
        Status::Open => pick("Open", "Offen"),
        Status::Pending => pick("Pending", "Wartend"),
        Status::Snoozed => pick("Snoozed", "Später"),
        Status::Resolved => pick("Resolved", "Gelöst"),
    }
}

pub(crate) fn status_is(of: Status) -> String {
    format!("{}: {}", pick("Status", "Status"), status(of))
}

/// What a change of status says in the thread.
pub(crate) fn status_changed(by: Option<&str>, status: Status, until: Option<&str>) -> String {
    let by = by.unwrap_or("Roost");
    match (LANGUAGE.get(), status, until) {
        (Language::English, Status::Open, _) => format!("{by} reopened the conversation"),
        (Language::English, Status::Pending, _) => format!("{by} set the conversation to pending"),
        (Language::English, Status::Snoozed, Some(until)) => {
            format!("{by} snoozed the conversation until {until}")
        }
        (Language::English, Status::Snoozed, None) => format!("{by} snoozed the conversation"),
        (Language::English, Status::Resolved, _) => format!("{by} resolved the conversation"),
        (Language::German, Status::Open, _) => format!("{by} hat die Unterhaltung wieder geöffnet"),
        (Language::German, Status::Pending, _) => format!("{by} lässt die Unterhaltung warten"),
        (Language::German, Status::Snoozed, Some(until)) => {
            format!("{by} hat die Unterhaltung bis {until} zurückgestellt")
        }
        (Language::German, Status::Snoozed, None) => format!("{by} hat die Unterhaltung zurückgestellt"),
        (Language::German, Status::Resolved, _) => format!("{by} hat die Unterhaltung gelöst"),
    }
}

/// What a change of status says when it is done.
pub(crate) fn status_done(status: Status, name: &str) -> String {
    match (LANGUAGE.get(), status) {
        (Language::English, Status::Open) => format!("{name} is open again"),
        (Language::English, Status::Pending) => format!("{name} is pending"),
        (Language::English, Status::Snoozed) => format!("{name} is snoozed"),
        (Language::English, Status::Resolved) => format!("{name} is resolved"),
        (Language::German, Status::Open) => format!("{name} ist wieder offen"),
        (Language::German, Status::Pending) => format!("{name} wartet"),
        (Language::German, Status::Snoozed) => format!("{name} ist zurückgestellt"),
        (Language::German, Status::Resolved) => format!("{name} ist gelöst"),
    }
}

pub(crate) fn assigned(by: Option<&str>, to: Option<&str>) -> String {
    let by = by.unwrap_or("Roost");
    match (LANGUAGE.get(), to) {
        (Language::English, Some(to)) => format!("{by} assigned the conversation to {to}"),
        (Language::English, None) => format!("{by} took the conversation from everybody"),
        (Language::German, Some(to)) => format!("{by} hat die Unterhaltung {to} zugewiesen"),
        (Language::German, None) => format!("{by} hat die Zuweisung aufgehoben"),
    }
}

/// Keys, separated by spaces, and what they do.
pub(crate) fn shortcut_rows() -> [(&'static str, &'static str); 15] {
    [
        ("J", pick("Next conversation", "Nächste Unterhaltung")),
        ("K", pick("Previous conversation", "Vorige Unterhaltung")),
        ("R", pick("Reply", "Antworten")),
        ("N", pick("Write a note", "Notiz schreiben")),
        ("E", pick("Resolve or reopen", "Lösen oder wieder öffnen")),
        ("A", pick("Assign", "Zuweisen")),
        ("U", pick("Back to the list", "Zurück zur Liste")),
        ("/", pick("Search", "Suchen")),
        (pick("Ctrl K", "Strg K"), palette()),
        ("Esc", pick("Leave the field", "Feld verlassen")),
        ("G I", pick("Go to the inbox", "Zum Posteingang")),
        ("G C", pick("Go to the campaigns", "Zu den Kampagnen")),
        ("G P", pick("Go to the people", "Zu den Personen")),
        ("G S", pick("Go to the settings", "Zu den Einstellungen")),
        ("?", pick("This sheet", "Diese Übersicht")),
    ]
}
