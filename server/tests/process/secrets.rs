//! What the program says of requests with secrets in them: nothing, however much it is asked to say.

use std::path::Path;

use keruen_domain::model::fields;
use keruen_domain::{
    Author, Clock, Collection, DeviceId, Edit, FieldKey, Hlc, PersonId, ProgrammeId, RecordKey,
    ScopeId,
};
use keruen_server::bucket::choose_tls;
use keruen_server::store::{Identity, KeptShare, SqliteStore, Store, merge};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::program::{Program, TOKEN};

const PASSPHRASE: &str = "quiet caravan of silk";
const OPERATOR: PersonId = PersonId::from_uuid(uuid::Uuid::from_u128(7));

fn programme() -> ProgrammeId {
    ProgrammeId::new(1, [1; 10])
}

fn open(data: &Path) -> Box<dyn Store> {
    let identity = Identity {
        epoch: 1,
        organiser: OPERATOR,
    };
    Box::new(SqliteStore::open(data, identity).expect("the folder is writable"))
}

async fn put_programme(store: &dyn Store) {
    let key = RecordKey {
        scope: ScopeId::Programme(programme()),
        collection: Collection::PROGRAMME,
        id: programme().into(),
    };
    let stamp = Clock::new(DeviceId(1), Hlc::default(), 0).stamp(1);
    let mut edit = Edit::new(key, None, stamp, Author::Machine);
    edit.set(FieldKey::register(fields::TITLE), "A programme");
    let record = edit.finish().expect("a title is an edit");
    let put = store.write(move |transaction| merge(transaction, None, record, 1));
    put.await.expect("the store works");
}

#[tokio::test]
async fn no_secret_of_a_share_or_a_calendar_is_in_the_log() {
    let data = tempfile::tempdir().expect("there is room");
    let store = open(data.path());
    put_programme(&*store).await;
    drop(store);
    let started = Program::start(data.path(), &[("KERUEN_LOG", "trace")]);
    let program = started.expect("the program starts");
    choose_tls();
    let client = Client::builder().redirect(Policy::none()).build();
    let client = client.expect("a client is made");
    let send = async |request: reqwest::RequestBuilder| {
        let answer = request.send().await.expect("the server answers");
        (answer.status(), answer)
    };

    let mut secrets = vec![PASSPHRASE.to_owned(), "quiet+caravan".to_owned()];
    for passphrase in ["", PASSPHRASE] {
        let question = json!({
            "programme": programme().to_string(),
            "shared": "Agenda",
            "valid_ms": null,
            "passphrase": passphrase,
            "note": "",
        });
        let new = client.post(format!("{}/api/v1/shares/new", program.base));
        let (status, made) = send(new.bearer_auth(TOKEN).json(&question)).await;
        assert_eq!(status, StatusCode::OK);
        let made: Value = made.json().await.expect("an answer in JSON");
        let secret = made["secret"]
            .as_str()
            .expect("there is a secret")
            .to_owned();
        let page = format!("{}/s/{secret}", program.base);
        assert_eq!(send(client.get(&page)).await.0, StatusCode::OK);
        for below in ["materials/x", "files/x", "nothing"] {
            send(client.get(format!("{page}/{below}"))).await;
        }
        let open = client.post(format!("{}/api/v1/shares/open", program.base));
        let question = json!({ "secret": secret, "passphrase": passphrase });
        assert_eq!(send(open.json(&question)).await.0, StatusCode::OK);
        if !passphrase.is_empty() {
            let form = format!("passphrase={}", passphrase.replace(' ', "+"));
            let (status, opened) = send(client.post(&page).body(form)).await;
            assert_eq!(status, StatusCode::SEE_OTHER);
            let address = opened.headers()["location"].to_str().expect("an address");
            let (_, ticket) = address.split_once("ticket=").expect("there is a ticket");
            secrets.push(ticket.to_owned());
            assert_eq!(
                send(client.get(format!("{}{address}", program.base)))
                    .await
                    .0,
                StatusCode::OK
            );
        }
        secrets.push(secret);
    }
    let new = client.post(format!("{}/api/v1/calendar/new", program.base));
    let (status, made) = send(new.bearer_auth(TOKEN).json(&Value::Null)).await;
    assert_eq!(status, StatusCode::OK);
    let made: Value = made.json().await.expect("an answer in JSON");
    let secret = made["secret"].as_str().expect("there is a secret");
    let calendar = client.get(format!("{}/c/{secret}.ics", program.base));
    assert_eq!(send(calendar).await.0, StatusCode::OK);
    secrets.push(secret.to_owned());
    let unknown = "nobody-has-this-secret".to_owned();
    for address in [format!("s/{unknown}"), format!("c/{unknown}.ics")] {
        send(client.get(format!("{}/{address}", program.base))).await;
    }
    secrets.push(unknown);

    let (ended_well, log) = program.stop();
    assert!(ended_well);
    for route in ["/s/{secret}", "/c/{file}"] {
        assert!(log.contains(route), "requests are in the log");
    }
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "{secret}");
    }

    // What was counted is written down at the stop.
    let kept = open(data.path())
        .read(|transaction| transaction.shares(OPERATOR))
        .await;
    let kept = kept.expect("the store works");
    let openings: u64 = kept.iter().map(|share: &KeptShare| share.openings).sum();
    assert_eq!(openings, 4);
}
