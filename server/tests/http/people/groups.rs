//! Groups: who is in them, who may let others in, who reads what they write.

use keruen_domain::protocol::people::{Writer, WritersOf};
use keruen_domain::protocol::v1::Outcome;
use keruen_domain::{DeviceId, GroupId, PersonId, Refusal};

use super::*;

struct Scene {
    server: TestServer,
    first: Device,
    second: (Device, PersonId),
    third: (Device, PersonId),
    trainer: Device,
}

async fn scene() -> Scene {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let participants = invited(&server, 1, Role::Participant, 3).await;
    let trainers = invited(&server, 1, Role::Trainer, 1).await;
    let (first, _) = joined(&server, &participants, 1).await;
    let (second, joined_second) = joined(&server, &participants, 2).await;
    let (third, joined_third) = joined(&server, &participants, 3).await;
    let (trainer, _) = joined(&server, &trainers, 4).await;
    Scene {
        server,
        first,
        second: (second, joined_second.person),
        third: (third, joined_third.person),
        trainer,
    }
}

async fn make(
    server: &TestServer,
    device: &Device,
    people: &[PersonId],
) -> Result<GroupId, (u16, String)> {
    let question = NewGroup {
        programme: programme_id(1),
        name: "Mapping".to_owned(),
        people: people.to_vec(),
    };
    ask(server, device, paths::NEW_GROUP, &question).await
}

async fn add(
    server: &TestServer,
    device: &Device,
    group: GroupId,
    person: PersonId,
) -> Result<(), (u16, String)> {
    let people = vec![person];
    let question = AddToGroup { group, people };
    ask(server, device, paths::ADD_TO_GROUP, &question).await
}

async fn groups(server: &TestServer, device: &Device) -> Vec<Group> {
    let question = OfProgramme {
        programme: programme_id(1),
    };
    ask(server, device, paths::GROUPS, &question).await.unwrap()
}

#[tokio::test]
async fn a_group_writes_together_and_who_leaves_reads_no_more() {
    let Scene {
        server,
        mut first,
        second: (mut second, second_person),
        third: (mut third, _),
        mut trainer,
    } = scene().await;
    let group = make(&server, &first, &[second_person]).await.unwrap();
    let note = key(ScopeId::Group(group), Collection::NOTE, 1);
    let written = first.edit(note, "body", "What our region lacks");
    let response = first.exchange(&server, &[written]).await;
    assert_eq!(outcomes(&response), [Outcome::Accepted]);
    for (device, reads) in [
        (&mut second, true),
        (&mut third, false),
        (&mut trainer, true),
    ] {
        device.pull(&server).await;
        assert_eq!(device.text(&note, "body").is_some(), reads);
    }
    let intruding = third.edit(note, "body", "nothing");
    let refused = third.exchange(&server, &[intruding]).await;
    assert_eq!(outcomes(&refused), [Outcome::Refused(Refusal::NotAMember)]);

    let left: Result<(), _> = ask(&server, &second, paths::LEAVE_GROUP, &group).await;
    assert_eq!(left, Ok(()));
    let response = second.exchange(&server, &[]).await;
    assert_eq!(response.revoked, [ScopeId::Group(group)]);
    let again: Result<(), _> = ask(&server, &second, paths::LEAVE_GROUP, &group).await;
    assert_eq!(again, nothing());
}

#[tokio::test]
async fn people_of_a_group_and_trainers_let_others_in() {
    let Scene {
        server,
        first,
        second: (second, second_person),
        third: (third, third_person),
        trainer,
    } = scene().await;
    let group = make(&server, &first, &[]).await.unwrap();
    assert_eq!(add(&server, &third, group, third_person).await, nothing());
    assert_eq!(add(&server, &first, group, second_person).await, Ok(()));
    assert_eq!(add(&server, &trainer, group, third_person).await, Ok(()));
    for device in [&first, &second, &third, &trainer] {
        let groups = groups(&server, device).await;
        assert_eq!((groups.len(), groups[0].people.len()), (1, 3));
        assert_eq!((&*groups[0].name, groups[0].group), ("Mapping", group));
    }
    // Who leaves the programme leaves its groups.
    let question = OfProgramme {
        programme: programme_id(1),
    };
    let left: Result<(), _> = ask(&server, &third, paths::LEAVE_PROGRAMME, &question).await;
    assert_eq!(left, Ok(()));
    assert_eq!(groups(&server, &first).await[0].people.len(), 2);
}

#[tokio::test]
async fn groups_are_of_members_and_have_limits() {
    let Scene {
        server,
        first,
        second: (second, _),
        ..
    } = scene().await;
    let malformed = Err((400, "malformed".to_owned()));
    let stranger = PersonId::new(77, RANDOM);
    assert_eq!(make(&server, &first, &[stranger]).await, malformed);
    let visitor = Device::visitor(9);
    assert_eq!(
        make(&server, &visitor, &[]).await,
        Err((401, "not-authorised".to_owned()))
    );
    let group = make(&server, &first, &[]).await.unwrap();
    assert_eq!(
        add(&server, &first, group, stranger).await,
        Err((400, "malformed".to_owned()))
    );
    assert!(groups(&server, &second).await.is_empty());
    let elsewhere = invited(&server, 1, Role::Participant, 1).await;
    let nameless = NewGroup {
        programme: programme_id(2),
        name: "Mapping".to_owned(),
        people: Vec::new(),
    };
    let (outsider, _) = joined(&server, &elsewhere, 5).await;
    let refused: Result<GroupId, _> = ask(&server, &outsider, paths::NEW_GROUP, &nameless).await;
    assert_eq!(refused, Err((403, "not-allowed".to_owned())));
}

#[tokio::test]
async fn who_reads_a_groups_notes_learns_whose_devices_wrote_them() {
    let Scene {
        server,
        mut first,
        second: (mut second, second_person),
        third: (mut third, _),
        trainer,
    } = scene().await;
    let group = make(&server, &first, &[second_person]).await.unwrap();
    let note = key(ScopeId::Group(group), Collection::NOTE, 1);
    for device in [&mut first, &mut second] {
        let written = device.edit(note, "body", "What our region lacks");
        device.exchange(&server, &[written]).await;
    }
    let own = key(ScopeId::OWN, Collection::NOTE, 2);
    let written = third.edit(own, "body", "mine");
    third.exchange(&server, &[written]).await;
    let question = WritersOf {
        group,
        devices: vec![first.id, second.id, DeviceId(99)],
    };
    let of = async |device: &Device| {
        let told: Result<Vec<Writer>, _> = ask(&server, device, paths::WRITERS, &question).await;
        let named = |writer: Writer| (writer.device, writer.name);
        told.map(|told| told.into_iter().map(named).collect::<Vec<_>>())
    };
    let names = [(first.id, "Айгерім 1"), (second.id, "Айгерім 2")]
        .map(|(device, name)| (device, name.to_owned()));
    assert_eq!(of(&trainer).await, Ok(names.to_vec()));
    assert_eq!(of(&second).await.map(|told| told.len()), Ok(2));
    assert_eq!(of(&third).await, nothing());
    // Who gives the name of another's device takes nothing over: it is nobody's from then on.
    let mut thief = Device::visitor(0);
    (thief.id, thief.token) = (first.id, third.token);
    let written = thief.edit(own, "title", "mine, too");
    thief.exchange(&server, &[written]).await;
    let left = of(&trainer)
        .await
        .map(|told| told.into_iter().map(|of| of.0).collect::<Vec<_>>());
    assert_eq!(left, Ok(vec![second.id]));
    let many = WritersOf {
        group,
        devices: vec![first.id; 65],
    };
    let refused: Result<Vec<Writer>, _> = ask(&server, &trainer, paths::WRITERS, &many).await;
    assert_eq!(refused.unwrap_err().0, 400);
}
