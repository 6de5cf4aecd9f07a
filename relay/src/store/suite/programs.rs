//! What every store must do for programs.

use futures_util::future::join_all;
use protocol::api::{Membership, Role, TokenScope};
use protocol::ids::{ApiTokenId, PersonId};

use super::world::{ELSEWHERE, NOW, OWNER, WORKSPACE, World, fresh, member};
use crate::store::{ApiTokenRecord, Claim, NewInvite, Request};

pub(super) async fn an_api_token_is_found_until_it_expires_or_ends(world: World) {
    let store = &world.store;
    let maker = somebody(&world).await;
    let member = store.find_member(WORKSPACE, maker).await.unwrap().unwrap().member;
    let token = |digest: u8, expires_at_ms| ApiTokenRecord {
        id: ApiTokenId([digest; 16]),
        digest: [digest; 32],
        name: "Program".into(),
        hint: "rst_abcd".into(),
        scopes: vec![TokenScope::ConversationsRead, TokenScope::SettingsWrite],
        member: member.clone(),
        created_at_ms: NOW + i64::from(digest),
        expires_at_ms,
        seen_at_ms: None,
    };
    store.add_api_token(token(1, Some(NOW + 100))).await.unwrap();
    store.add_api_token(token(2, None)).await.unwrap();
    store.touch_api_token([2; 32], NOW + 7).await.unwrap();

    let found = store.find_api_token([2; 32], NOW).await.unwrap().unwrap();
    assert_eq!(
        (found.id, found.scopes, found.seen_at_ms),
        (ApiTokenId([2; 16]), token(2, None).scopes, Some(NOW + 7))
    );
    assert_eq!((found.member.id, found.member.workspace), (maker, WORKSPACE));
    assert!(store.find_api_token([1; 32], NOW + 99).await.unwrap().is_some());
    assert!(store.find_api_token([1; 32], NOW + 100).await.unwrap().is_none(), "expired");
    let listed =
        |list: Vec<ApiTokenRecord>| list.into_iter().map(|token| token.digest[0]).collect::<Vec<_>>();
    assert_eq!(listed(store.list_api_tokens(WORKSPACE, NOW).await.unwrap()), [2, 1]);
    assert_eq!(listed(store.list_api_tokens(WORKSPACE, NOW + 100).await.unwrap()), [2]);
    assert!(store.list_api_tokens(ELSEWHERE, NOW).await.unwrap().is_empty());

    assert_eq!(store.revoke_api_token(ELSEWHERE, ApiTokenId([2; 16])).await.unwrap(), None);
    assert_eq!(store.revoke_api_token(WORKSPACE, ApiTokenId([2; 16])).await.unwrap(), Some([2; 32]));
    assert!(store.find_api_token([2; 32], NOW).await.unwrap().is_none(), "revoked");
    store.change_member(WORKSPACE, maker, None, Some(Membership::Deactivated)).await.unwrap();
    assert!(store.find_api_token([1; 32], NOW).await.unwrap().is_none(), "its maker may not come in");
}

/// One more member, who is no owner.
async fn somebody(world: &World) -> PersonId {
    let (id, digest) = (PersonId(fresh()), [7; 32]);
    let invite = NewInvite {
        id: protocol::ids::InviteId(fresh()),
        workspace: WORKSPACE,
        digest,
        email: "adam@example.com".into(),
        role: Role::Admin,
        now_ms: NOW,
        expires_at_ms: NOW + 10,
    };
    world.store.add_invite(invite).await.unwrap();
    world.store.accept_invite(digest, member(id, ""), NOW).await.unwrap();
    assert_ne!(id, OWNER);
    id
}

pub(super) async fn a_request_is_claimed_once_and_its_answer_kept(world: World) {
    let store = &world.store;
    let request = |now_ms, fingerprint: u8| Request {
        workspace: WORKSPACE,
        digest: [1; 32],
        fingerprint: [fingerprint; 32],
        now_ms,
    };
    let known = |fingerprint: u8, answer: Option<&[u8]>| Claim::Known {
        fingerprint: [fingerprint; 32],
        answer: answer.map(<[u8]>::to_vec),
    };

    let claims = join_all((0..10).map(|_| store.claim_request(request(NOW, 1), NOW - 50))).await;
    assert_eq!(claims.iter().filter(|claim| *claim.as_ref().unwrap() == Claim::Yours).count(), 1);
    assert_eq!(store.claim_request(request(NOW + 50, 2), NOW).await.unwrap(), known(1, None));

    // Given up, and abandoned.
    store.release_request(WORKSPACE, [1; 32]).await.unwrap();
    assert_eq!(store.claim_request(request(NOW, 2), NOW - 50).await.unwrap(), Claim::Yours);
    assert_eq!(store.claim_request(request(NOW + 51, 3), NOW + 1).await.unwrap(), Claim::Yours);

    store.answer_request(WORKSPACE, [1; 32], b"done".to_vec()).await.unwrap();
    store.release_request(WORKSPACE, [1; 32]).await.unwrap();
    assert_eq!(store.claim_request(request(NOW + 500, 3), NOW + 450).await.unwrap(), known(3, Some(b"done")));
    store.forget_requests(NOW + 51).await.unwrap();
    assert_eq!(store.claim_request(request(NOW + 500, 3), NOW + 450).await.unwrap(), known(3, Some(b"done")));
    store.forget_requests(NOW + 52).await.unwrap();
    assert_eq!(store.claim_request(request(NOW + 500, 3), NOW + 450).await.unwrap(), Claim::Yours);
}
