//! Words of the API tokens.

use protocol::api::TokenScope;

use super::{LANGUAGE, Language, phrases, pick, words};

words! {
    api_tokens: "API tokens", "API-Tokens";
    api_tokens_text: "Programs use Roost with a token, in the name of whoever made it.", "Programme nutzen Roost mit einem Token, im Namen der Person, die ihn erstellt hat.";
    copy_token: "Copy token", "Token kopieren";
    create_token: "Create token", "Token erstellen";
    keep_token: "Keep the token", "Token behalten";
    new_token: "New token", "Neuer Token";
    no_tokens: "No tokens yet", "Noch keine Tokens";
    no_tokens_hint: "Create one to connect a program of yours, such as a shop or a script.", "Erstellen Sie einen, um ein eigenes Programm anzubinden, etwa einen Shop oder ein Skript.";
    revoke: "Revoke", "Widerrufen";
    revoke_token_text: "Programs that use it are refused at once. It cannot be brought back; you can make a new one.", "Programme, die ihn nutzen, werden sofort abgewiesen. Er kommt nicht zurück; Sie können einen neuen erstellen.";
    revoke_token: "Revoke token", "Token widerrufen";
    token_expires: "Works for", "Gilt";
    token_expires_help: "A program that is forgotten should not keep its way in.", "Ein vergessenes Programm soll nicht für immer Zutritt haben.";
    token_lasts: "lasts until revoked", "gilt bis zum Widerruf";
    token_may: "What the program may do", "Was das Programm darf";
    token_name_help: "What uses it, so that you know later.", "Was ihn nutzt, damit Sie es später wissen.";
    token_once: "The token is shown only now. Keep it like a password.", "Der Token wird nur jetzt gezeigt. Bewahren Sie ihn auf wie ein Passwort.";
    token_text: "The token", "Der Token";
    token_unused: "never used", "nie benutzt";
    token_used: "last used", "zuletzt benutzt";
    tokens_failed: "We could not load the API tokens", "Die API-Tokens konnten nicht geladen werden";
}

phrases! {
    revoke_token_of(name): "Revoke the token {name}", "Token {name} widerrufen";
    revoke_token_title(name): "Revoke {name}?", "{name} widerrufen?";
    token_ends(day): "expires on {day}", "läuft am {day} ab";
    token_made(name): "{name} is ready. Give this token to the program; it sends it with every request.", "{name} ist bereit. Geben Sie dem Programm diesen Token; es sendet ihn mit jeder Anfrage.";
    token_made_by(name): "Made by {name}", "Erstellt von {name}";
    token_revoked(name): "{name} is revoked", "{name} ist widerrufen";
}

pub(crate) fn scope(scope: TokenScope) -> &'static str {
    match scope {
        TokenScope::ConversationsRead => pick("Read conversations", "Unterhaltungen lesen"),
        TokenScope::ConversationsWrite => pick("Answer conversations", "Unterhaltungen beantworten"),
        TokenScope::SettingsRead => pick("Read settings", "Einstellungen lesen"),
        TokenScope::SettingsWrite => pick("Change settings", "Einstellungen ändern"),
    }
}

pub(crate) fn scope_help(scope: TokenScope) -> &'static str {
    match scope {
        TokenScope::ConversationsRead => pick(
            "See what was written, by whom, and who works here.",
            "Sehen, was geschrieben wurde, von wem, und wer hier arbeitet.",
        ),
        TokenScope::ConversationsWrite => pick(
            "Write answers and notes, assign, snooze and resolve.",
            "Antworten und Notizen schreiben, zuweisen, zurückstellen und lösen.",
        ),
        TokenScope::SettingsRead => {
            pick("See campaigns and invitations.", "Kampagnen und Einladungen sehen.")
        }
        TokenScope::SettingsWrite => pick("Change campaigns and people.", "Kampagnen und Personen ändern."),
    }
}

/// How long a token works.
pub(crate) fn token_life(days: Option<u32>) -> String {
    match (days, LANGUAGE.get()) {
        (None, _) => pick("Until it is revoked", "Bis zum Widerruf").to_owned(),
        (Some(365), _) => pick("1 year", "1 Jahr").to_owned(),
        (Some(days), Language::English) => format!("{days} days"),
        (Some(days), Language::German) => format!("{days} Tage"),
    }
}
