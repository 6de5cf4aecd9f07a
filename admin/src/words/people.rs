//! Words of the doors, of people and of settings.

use protocol::api::{Role, Theme};
use protocol::frame::Presence;

use super::{phrases, pick, words};

words! {
    already_set_up: "This Roost is already set up", "Dieses Roost ist bereits eingerichtet";
    already_set_up_hint: "Sign in, or ask the owner for an invitation.", "Melden Sie sich an, oder bitten Sie um eine Einladung.";
    availability: "Availability", "Verfügbarkeit";
    availability_changed: "Availability changed", "Verfügbarkeit geändert";
    availability_help: "Visitors see that somebody is here while at least one person is available.", "Besucher sehen, dass jemand da ist, solange mindestens eine Person verfügbar ist.";
    change_password: "Change password", "Passwort ändern";
    current_password: "Current password", "Aktuelles Passwort";
    deactivate: "Deactivate", "Deaktivieren";
    deactivate_text: "They are signed out everywhere at once and cannot come back until you reactivate them. Their messages stay, and conversations assigned to them keep their name.", "Die Person wird sofort überall abgemeldet und kommt erst nach Reaktivierung wieder herein. Ihre Nachrichten und Zuweisungen bleiben.";
    deactivated: "Deactivated", "Deaktiviert";
    forgot_password: "Forgot your password? Ask an admin for a password link.", "Passwort vergessen? Bitten Sie einen Admin um einen Passwort-Link.";
    first_widget: "Website", "Website";
    invite_does_not_work: "This invitation does not work", "Diese Einladung funktioniert nicht";
    invite_link: "Invitation link", "Einladungslink";
    invite_once: "The link is shown only now and works once.", "Der Link wird nur jetzt gezeigt und gilt einmal.";
    invite_person: "Invite a person", "Person einladen";
    invite_text: "You get a link to send yourself. Roost sends no mail.", "Sie erhalten einen Link zum Weitergeben. Roost verschickt keine E-Mail.";
    invite_withdrawn: "Invitation withdrawn", "Einladung zurückgezogen";
    invite_without_token: "The link is incomplete. Copy the whole link from the invitation.", "Der Link ist unvollständig. Kopieren Sie den ganzen Link.";
    invited: "invited", "eingeladen";
    join_workspace: "Join", "Beitreten";
    invites_failed: "We could not load the invitations", "Die Einladungen konnten nicht geladen werden";
    make_link: "Make the link", "Link erstellen";
    name: "Name", "Name";
    new_password: "New password", "Neues Passwort";
    notifications: "Desktop notifications", "Desktop-Benachrichtigungen";
    notifications_help: "For new messages while this tab is in the background or another conversation is open.", "Für neue Nachrichten, wenn dieser Tab im Hintergrund oder eine andere Unterhaltung offen ist.";
    notifications_refused: "The browser does not allow notifications for this site. Change it in the address bar, then try again.", "Der Browser erlaubt hier keine Benachrichtigungen. Ändern Sie das in der Adressleiste und versuchen Sie es erneut.";
    password: "Password", "Passwort";
    password_changed: "Password changed. Your other sessions are signed out.", "Passwort geändert. Ihre anderen Sitzungen sind abgemeldet.";
    password_help: "At least 12 characters. A few words in a row are easy to keep in mind.", "Mindestens 12 Zeichen. Mehrere Wörter lassen sich gut merken.";
    pending_invites: "Pending invitations", "Offene Einladungen";
    people: "People", "Personen";
    people_failed: "We could not load the people", "Die Personen konnten nicht geladen werden";
    people_failed_retry: "Some people are missing. Try again", "Es fehlen Personen. Erneut versuchen";
    people_need_admin: "Only owners and admins can invite people and change roles.", "Nur Inhaber und Admins können einladen und Rollen ändern.";
    people_text: "Who answers here, and what they may do.", "Wer hier antwortet und was sie dürfen.";
    presence: "Presence", "Anwesenheit";
    profile: "Profile", "Profil";
    reactivate: "Reactivate", "Reaktivieren";
    password_was_reset: "Your password is set. Sign in with it.", "Ihr Passwort ist gesetzt. Melden Sie sich damit an.";
    reset_does_not_work: "This link does not work", "Dieser Link funktioniert nicht";
    reset_link: "Password link", "Passwort-Link";
    reset_link_help: "The link is shown only now, works once and for 30 minutes.", "Der Link wird nur jetzt gezeigt, gilt einmal und 30 Minuten lang.";
    reset_password: "Set a new password", "Neues Passwort setzen";
    reset_text: "You are signed out everywhere else.", "Sie werden überall sonst abgemeldet.";
    reset_without_token: "The link is incomplete. Copy the whole link.", "Der Link ist unvollständig. Kopieren Sie den ganzen Link.";
    role_title: "Role", "Rolle";
    save_name: "Save name", "Namen speichern";
    send_with: "Send messages with", "Nachrichten senden mit";
    send_with_control_enter: "Ctrl + Enter", "Strg + Enter";
    send_with_enter: "Enter", "Enter";
    set_up: "Set up Roost", "Roost einrichten";
    setting_up: "Setting up…", "Wird eingerichtet …";
    settings: "Settings", "Einstellungen";
    setup_done: "Roost is ready", "Roost ist bereit";
    setup_done_text: "Paste this line into your pages, right before the closing body tag. The widget appears at once.", "Fügen Sie diese Zeile vor dem schließenden body-Tag in Ihre Seiten ein. Das Widget erscheint sofort.";
    setup_email_help: "You sign in with it.", "Damit melden Sie sich an.";
    setup_needs_link: "Set-up needs its link", "Die Einrichtung braucht ihren Link";
    setup_needs_link_hint: "Roost printed a one-time link where it was started. Open that link.", "Roost hat beim Start einen einmaligen Link ausgegeben. Öffnen Sie diesen Link.";
    setup_text: "One page: your account, your workspace and your first widget.", "Eine Seite: Ihr Konto, Ihr Arbeitsbereich und Ihr erstes Widget.";
    setup_title: "Set up Roost", "Roost einrichten";
    sign_in: "Sign in", "Anmelden";
    sign_out: "Sign out", "Abmelden";
    signing_in: "Signing in…", "Wird angemeldet …";
    sound: "Sound", "Ton";
    sound_help: "Two soft notes for a new message you are not looking at.", "Zwei leise Töne bei einer neuen Nachricht, die Sie nicht sehen.";
    theme: "Theme", "Farbschema";
    this_browser: "This browser", "Dieser Browser";
    withdraw: "Withdraw", "Zurückziehen";
    workspace_help: "Your company or team.", "Ihre Firma oder Ihr Team.";
    workspace_name: "Workspace", "Arbeitsbereich";
    your_name: "Your name", "Ihr Name";
    your_name_help: "Visitors see it beside your answers.", "Besucher sehen ihn neben Ihren Antworten.";
    your_site: "Your website (optional)", "Ihre Website (freiwillig)";
    your_site_help: "Where the widget may appear. You can change it at any time.", "Wo das Widget erscheinen darf. Jederzeit änderbar.";
}

phrases! {
    deactivate_title(name): "Deactivate {name}?", "{name} deaktivieren?";
    invite_made(email): "Send this link to {email}. It lets them choose a name and a password.", "Senden Sie diesen Link an {email}. Damit werden Name und Passwort gewählt.";
    join(workspace): "Join {workspace}", "{workspace} beitreten";
    join_as(role): "You are invited as {role}.", "Sie sind eingeladen als {role}.";
    person_changed(name): "{name} is updated", "{name} ist aktualisiert";
    reset_link_of(name): "A new password for {name}", "Ein neues Passwort für {name}";
    role_in(role, workspace): "{role} in {workspace}", "{role} in {workspace}";
    role_of(name): "Role of {name}", "Rolle von {name}";
    withdraw_invite_of(email): "Withdraw the invitation of {email}", "Einladung von {email} zurückziehen";
}

pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => pick("Owner", "Inhaber"),
        Role::Admin => pick("Admin", "Admin"),
        Role::Supervisor => pick("Supervisor", "Supervisor"),
        Role::Agent => pick("Agent", "Agent"),
    }
}

pub(crate) fn role_help(role: Role) -> &'static str {
    match role {
        Role::Owner => pick("Everything, owners included.", "Alles, auch Inhaber ändern."),
        Role::Admin => {
            pick("Conversations, campaigns and people.", "Unterhaltungen, Kampagnen und Personen.")
        }
        Role::Supervisor => pick("Conversations of the whole team.", "Unterhaltungen des ganzen Teams."),
        Role::Agent => pick("Answers conversations.", "Beantwortet Unterhaltungen."),
    }
}

pub(crate) fn presence_name(presence: Presence) -> &'static str {
    match presence {
        Presence::Online => pick("Online", "Online"),
        Presence::Busy => pick("Busy", "Beschäftigt"),
        Presence::Offline => pick("Offline", "Offline"),
    }
}

pub(crate) fn availability_name(presence: Presence) -> &'static str {
    match presence {
        Presence::Online => pick("Available", "Verfügbar"),
        Presence::Busy => pick("Busy", "Beschäftigt"),
        Presence::Offline => pick("Appear offline", "Als offline zeigen"),
    }
}

pub(crate) fn theme_name(theme: Theme) -> &'static str {
    match theme {
        Theme::Auto => pick("Like the system", "Wie das System"),
        Theme::Light => pick("Light", "Hell"),
        Theme::Dark => pick("Dark", "Dunkel"),
    }
}
