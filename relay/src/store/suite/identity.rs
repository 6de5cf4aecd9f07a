//! What every store must do for visitors of whom their site proves who they are.

use futures_util::future::join_all;
use protocol::ids::ContactId;

use super::world::{CAMPAIGN, ELSEWHERE, KEY, NOW, WORKSPACE, World, fresh};
use crate::store::contacts::MOST_DEVICES;
use crate::store::{Append, Newcomer, SealedSecret};

fn newcomer(world: &World, digest: u8, secret_at_ms: i64) -> Newcomer {
    Newcomer {
        workspace: WORKSPACE,
        division: world.division,
        campaign: CAMPAIGN,
        secret_at_ms,
        external_id: "u-1".into(),
        contact: ContactId(fresh()),
        visitor_digest: [digest; 32],
        now_ms: NOW + i64::from(digest),
    }
}

pub(super) async fn a_verified_id_is_one_contact_until_its_secret_ends(world: World) {
    let store = &world.store;
    let set = |workspace, sealed, at_ms| store.set_identity_secret(workspace, CAMPAIGN, sealed, at_ms);
    let found = |workspace, id: &str| store.find_verified(workspace, CAMPAIGN, id.to_owned());
    let knows = async |digest: u8| store.find_visitor([digest; 32]).await.unwrap();
    assert_eq!(store.verify(newcomer(&world, 1, NOW)).await.unwrap(), None, "there is no secret");
    assert!(!set(ELSEWHERE, Some(vec![9]), NOW).await.unwrap());
    assert!(set(WORKSPACE, Some(vec![1]), NOW).await.unwrap());
    let hit = store.find_key(KEY, NOW).await.unwrap().unwrap();
    assert_eq!(hit.secret, Some(SealedSecret { sealed: vec![1], set_at_ms: NOW }));
    assert!(found(WORKSPACE, "u-1").await.unwrap().is_none());

    // Many devices at once.
    let devices = join_all((1..=5).map(|digest| store.verify(newcomer(&world, digest, NOW)))).await;
    let contact = devices[0].clone().unwrap().unwrap();
    assert!(devices.iter().all(|device| *device.as_ref().unwrap() == Some(contact)));
    for digest in 1..=5 {
        let visitor = knows(digest).await.unwrap();
        assert_eq!((visitor.contact, visitor.is_verified, visitor.conversation), (contact, true, None));
    }
    let hello = Append { new_contact: None, ..world.visitor_says(contact, "hello") };
    let conversation = world.say(hello).await.conversation;
    let record = found(WORKSPACE, "u-1").await.unwrap().unwrap();
    assert_eq!((record.contact, record.conversation), (contact, Some(conversation)));
    assert!(found(ELSEWHERE, "u-1").await.unwrap().is_none());
    assert!(found(WORKSPACE, "U-1").await.unwrap().is_none());

    // The device that was longest ago goes.
    for digest in 6..=5 + u8::try_from(MOST_DEVICES).unwrap() {
        store.verify(newcomer(&world, digest, NOW)).await.unwrap();
    }
    assert!(knows(5).await.is_none() && knows(6).await.is_some());

    // Another secret: all must be told anew who it is.
    assert!(set(WORKSPACE, Some(vec![2]), NOW + 1).await.unwrap());
    assert!(knows(6).await.is_none());
    assert_eq!(store.verify(newcomer(&world, 1, NOW)).await.unwrap(), None);
    assert_eq!(store.verify(newcomer(&world, 1, NOW + 1)).await.unwrap(), Some(contact));
    assert!(set(WORKSPACE, None, NOW + 2).await.unwrap());
    assert!(knows(1).await.is_none());
    assert_eq!(store.find_key(KEY, NOW).await.unwrap().unwrap().secret, None);
    assert_eq!(store.verify(newcomer(&world, 1, NOW + 1)).await.unwrap(), None);
}
