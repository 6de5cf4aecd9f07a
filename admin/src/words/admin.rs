//! Words of the campaigns.

use protocol::api::Corner;

use super::{LANGUAGE, Language, phrases, pick, words};

words! {
    add: "Add", "Hinzufügen";
    all_saved: "All changes are saved", "Alle Änderungen sind gespeichert";
    allowed: "Allowed.", "Erlaubt.";
    allowed_origins: "Allowed origins", "Erlaubte Adressen";
    basics: "Where it may appear", "Wo es erscheinen darf";
    campaign_created: "Campaign created. Paste its line into your pages.", "Kampagne angelegt. Fügen Sie die Zeile in Ihre Seiten ein.";
    campaign_deleted: "Campaign deleted", "Kampagne gelöscht";
    campaign_failed: "We could not load this campaign", "Diese Kampagne konnte nicht geladen werden";
    campaign_name: "Name", "Name";
    campaign_name_help: "For your team; visitors do not see it.", "Für Ihr Team; Besucher sehen ihn nicht.";
    campaigns: "Campaigns", "Kampagnen";
    campaigns_failed: "We could not load the campaigns", "Die Kampagnen konnten nicht geladen werden";
    campaigns_need_supervisor: "Only owners, admins and supervisors can see campaigns.", "Nur Inhaber, Admins und Supervisoren können Kampagnen sehen.";
    campaigns_need_admin: "Only owners and admins can change campaigns.", "Nur Inhaber und Admins können Kampagnen ändern.";
    campaigns_text: "Each campaign is a chat widget on your pages.", "Jede Kampagne ist ein Chat-Widget auf Ihren Seiten.";
    check: "Check", "Prüfen";
    color: "Color", "Farbe";
    color_help: "The launcher, the header and the visitor's messages.", "Für Knopf, Kopfzeile und die Nachrichten der Besucher.";
    color_wrong: "Use six hexadecimal digits after #, like #0f766e.", "Verwenden Sie sechs Hexadezimalziffern nach #, etwa #0f766e.";
    corner: "Corner", "Ecke";
    create_campaign: "Create campaign", "Kampagne anlegen";
    delete_campaign: "Delete campaign", "Kampagne löschen";
    delete_campaign_text: "The widget disappears from all pages at once. Conversations stay in the inbox.", "Das Widget verschwindet sofort von allen Seiten. Unterhaltungen bleiben im Posteingang.";
    discard_changes: "Discard", "Verwerfen";
    embed: "Put it on your pages", "Auf Ihre Seiten bringen";
    embed_text: "Paste this line right before the closing body tag of every page that should have the chat.", "Fügen Sie diese Zeile vor dem schließenden body-Tag jeder Seite ein, die den Chat haben soll.";
    keep_key: "Keep the key", "Schlüssel behalten";
    key_revoked: "The key is revoked: the widget is off everywhere. Make a new key to turn it on again.", "Der Schlüssel ist widerrufen: Das Widget ist überall aus. Mit einem neuen Schlüssel geht es wieder an.";
    key_rotated: "New key made. Put the new line into your pages.", "Neuer Schlüssel erstellt. Fügen Sie die neue Zeile in Ihre Seiten ein.";
    key_was_revoked: "Key revoked. The widget is off everywhere.", "Schlüssel widerrufen. Das Widget ist überall aus.";
    language_auto: "Like the page", "Wie die Seite";
    look: "Look", "Aussehen";
    never_seen: "Not seen on any page yet", "Noch auf keiner Seite gesehen";
    new_campaign: "New campaign", "Neue Kampagne";
    new_key: "Make a new key", "Neuen Schlüssel erstellen";
    no_campaigns: "No campaigns yet", "Noch keine Kampagnen";
    no_campaigns_hint: "Create one to get the line that puts a chat on your site.", "Legen Sie eine an, um die Zeile für Ihre Seite zu erhalten.";
    no_origins: "Without an allowed origin the widget appears nowhere.", "Ohne erlaubte Adresse erscheint das Widget nirgends.";
    no_permission: "You cannot do this", "Das dürfen Sie nicht";
    not_checked: "Not checked.", "Nicht geprüft.";
    offset_bottom: "From the bottom", "Von unten";
    offset_side: "From the side", "Von der Seite";
    old_key_works: "The old key works", "Der alte Schlüssel gilt";
    origins_help: "Scheme, host and port, like https://www.example.com. One a line, or several at once.", "Schema, Host und Port, etwa https://www.example.com. Eine pro Zeile oder mehrere zugleich.";
    pick_color: "Pick a color", "Farbe wählen";
    pixels: "Pixels, 0 to 200", "Pixel, 0 bis 200";
    preview: "Preview", "Vorschau";
    preview_help: "Changes as you type. Visitors see it after you save.", "Ändert sich beim Tippen. Besucher sehen es nach dem Speichern.";
    preview_placeholder: "Write a message…", "Nachricht schreiben …";
    preview_presence: "Typically replies in minutes", "Antwortet meist in Minuten";
    preview_question: "Do you ship to Norway?", "Liefern Sie nach Norwegen?";
    preview_title: "Chat with us", "Schreiben Sie uns";
    preview_welcome: "Hi! How can we help?", "Hallo! Wie können wir helfen?";
    refused: "Refused.", "Abgelehnt.";
    revoke_key: "Revoke key", "Schlüssel widerrufen";
    revoke_text: "The widget stops on every page at once, and open chats are cut off. The key cannot be brought back; you can make a new one and replace the line in your pages.", "Das Widget endet sofort auf allen Seiten, offene Chats brechen ab. Der Schlüssel kommt nicht zurück; Sie können einen neuen erstellen und die Zeile ersetzen.";
    revoke_title: "Revoke this key?", "Diesen Schlüssel widerrufen?";
    rotate_key: "Rotate key", "Schlüssel wechseln";
    rotate_text: "You get a new key and a new line for your pages. The old key can go on working while you replace it.", "Sie erhalten einen neuen Schlüssel und eine neue Zeile. Der alte kann weiter gelten, während Sie ihn ersetzen.";
    save_changes: "Save changes", "Änderungen speichern";
    saved: "Saved", "Gespeichert";
    snippet: "The line to paste", "Die Zeile zum Einfügen";
    state_live: "Live", "Aktiv";
    state_revoked: "Key revoked", "Schlüssel widerrufen";
    state_waiting: "Not installed yet", "Noch nicht eingebaut";
    test_address: "Test an address", "Adresse prüfen";
    test_address_help: "Would the widget appear on this page?", "Würde das Widget auf dieser Seite erscheinen?";
    texts: "Words", "Worte";
    unsaved: "You have unsaved changes", "Es gibt ungespeicherte Änderungen";
    welcome: "Welcome text", "Begrüßung";
    welcome_help: "The first thing a visitor reads.", "Das Erste, was Besucher lesen.";
    widget_language: "Language", "Sprache";
    widget_language_help: "Of the buttons and hints in the widget.", "Für Knöpfe und Hinweise im Widget.";
    widget_title: "Title", "Titel";
    widget_title_help: "At the top of the widget: your team or shop.", "Oben im Widget: Ihr Team oder Geschäft.";
}

phrases! {
    color_light(darker): "Too light for words on white, so we use {darker} there.", "Zu hell für Worte auf Weiß; dort nehmen wir {darker}.";
    last_seen_on(origin): "Last seen on {origin},", "Zuletzt gesehen auf {origin},";
    old_key_until(key, time): "The old key {key} works until {time}.", "Der alte Schlüssel {key} gilt bis {time}.";
    remove(what): "Remove {what}", "{what} entfernen";
    use_color(color): "Use {color}", "{color} verwenden";
}

pub(crate) fn corner_name(corner: Corner) -> &'static str {
    match corner {
        Corner::Right => pick("Bottom right", "Unten rechts"),
        Corner::Left => pick("Bottom left", "Unten links"),
    }
}

/// How long an old key still works.
pub(crate) fn overlap(seconds: u32) -> &'static str {
    match seconds {
        0 => pick("Not at all: stop it now", "Gar nicht: sofort beenden"),
        1..=3_600 => pick("1 more hour", "Noch 1 Stunde"),
        3_601..=86_400 => pick("1 more day", "Noch 1 Tag"),
        86_401..=604_800 => pick("7 more days", "Noch 7 Tage"),
        _ => pick("30 more days", "Noch 30 Tage"),
    }
}

/// "https://a.example and 2 more".
pub(crate) fn origins_in_short(origins: &[String]) -> String {
    match (origins, LANGUAGE.get()) {
        ([], _) => no_origins().into(),
        ([one], _) => one.clone(),
        ([first, rest @ ..], Language::English) => format!("{first} and {} more", rest.len()),
        ([first, rest @ ..], Language::German) => format!("{first} und {} weitere", rest.len()),
    }
}
