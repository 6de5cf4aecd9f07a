//! Words of verified visitors.

use super::words;

words! {
    campaign_id: "Campaign id", "Kennung der Kampagne";
    copy_id: "Copy id", "Kennung kopieren";
    copy_identity_secret: "Copy secret", "Geheimnis kopieren";
    how_to_verify: "Your server signs a short-lived token: HS256 with the secret, “aud” this id, “sub” your own id for the person, “iat”, and “exp” at most an hour later. The page gives it to Roost(\"identify\", { token }).", "Ihr Server signiert einen kurzlebigen Token: HS256 mit dem Geheimnis, „aud“ diese Kennung, „sub“ Ihre eigene Kennung der Person, „iat“ und „exp“ höchstens eine Stunde später. Die Seite gibt ihn an Roost(\"identify\", { token }).";
    identity_secret: "Identity secret", "Geheimnis für Identitäten";
    identity_secret_once: "The secret is shown only now. Keep it on your server, never in a page.", "Das Geheimnis wird nur jetzt gezeigt. Bewahren Sie es auf Ihrem Server auf, nie in einer Seite.";
    identity_secret_removed: "Secret removed. Nobody is verified any more.", "Geheimnis entfernt. Niemand wird mehr bestätigt.";
    identity_secret_set: "There is a secret: visitors can be verified.", "Es gibt ein Geheimnis: Besucher können bestätigt werden.";
    keep_identity_secret: "Keep the secret", "Geheimnis behalten";
    make_identity_secret: "Make a secret", "Geheimnis erstellen";
    make_identity_secret_now: "Make it", "Erstellen";
    make_identity_secret_text: "You see the secret once, to put it on your server.", "Sie sehen das Geheimnis einmal, um es auf Ihrem Server abzulegen.";
    no_identity_secret: "There is no secret yet: all visitors are unverified.", "Noch gibt es kein Geheimnis: Alle Besucher sind unbestätigt.";
    only_verified: "Only verified visitors", "Nur bestätigte Besucher";
    only_verified_help: "Everybody else sees no widget.", "Alle anderen sehen kein Widget.";
    partly_verified: "Name, email, phone and id are signed by the site. All else is as the page and the browser say. Not verified.", "Name, E-Mail, Telefon und Kennung hat die Website bestätigt. Alles andere sind Angaben der Seite und des Browsers, nicht geprüft.";
    remove_identity_secret: "Remove the secret", "Geheimnis entfernen";
    remove_identity_secret_shuts: "Only verified visitors are let in, and without a secret nobody can be verified: the widget is off until you make another secret or let everybody in.", "Nur bestätigte Besucher werden eingelassen, und ohne Geheimnis kann niemand bestätigt werden: Das Widget ist aus, bis Sie ein neues Geheimnis erstellen oder alle einlassen.";
    remove_identity_secret_text: "From now on all visitors are unverified. Conversations stay with their people.", "Von nun an sind alle Besucher unbestätigt. Unterhaltungen bleiben bei ihren Personen.";
    replace_identity_secret: "Replace the secret", "Geheimnis ersetzen";
    replace_identity_secret_text: "The old secret stops at once: until your server signs with the new one, nobody is verified, and open chats of verified visitors must prove anew who they are.", "Das alte Geheimnis endet sofort: Bis Ihr Server mit dem neuen signiert, wird niemand bestätigt, und offene Chats bestätigter Besucher müssen sich neu ausweisen.";
    verified: "Verified", "Bestätigt";
    verified_visitors: "Verified visitors", "Bestätigte Besucher";
    verified_visitors_text: "Your server can prove who is signed in. Then their conversation follows them from device to device, and agents see a check mark.", "Ihr Server kann beweisen, wer angemeldet ist. Dann folgt die Unterhaltung der Person von Gerät zu Gerät, und Ihr Team sieht ein Häkchen.";
}
