//! The adapter against the pure twin, for every answer of it.

use super::*;
use crate::client::Kept;
use crate::sandbox::face::{InProcess, State};

fn secret(text: &str) -> Secret {
    Secret::new(text.into())
}

fn face(api_secret: &str) -> (FaceId, Arc<Kept>) {
    let settings = Settings {
        url: "http://sandbox/faceid/v2/verify".into(),
        api_key: secret("key"),
        api_secret: secret(api_secret),
        cost: Money::from_fen(30).unwrap(),
        timeout: Duration::from_secs(5),
    };
    let twin = State { api_key: secret("key"), api_secret: secret("secret") };
    let kept = Arc::new(Kept::default());
    (FaceId::by(settings, Arc::new(InProcess::new(twin)), Arc::clone(&kept) as _), kept)
}

fn compare(name: &str, id: &str, photo: &[u8]) -> FaceOutcome {
    let (name, id) = (RealName::parse(name).unwrap(), IdCardNo::parse(id).unwrap());
    face("secret").0.verify(&name, &id, photo)
}

const NAME_OF: &str = "周小满";
const ID: &str = "110101199003070011";
const JPEG: &[u8] = &[0xFF, 0xD8, 0xFF, 0xE0, 0, 1];

fn jpeg(word: &str) -> Vec<u8> {
    [JPEG, word.as_bytes()].concat()
}

#[test]
fn everybody_is_who_they_say_but_for_what_is_magic() {
    let refused = |word: &str| FaceOutcome::Refused(word.into());
    for (photo, wanted) in [
        (jpeg(""), FaceOutcome::Same),
        (b"\x89PNG\r\n".to_vec(), FaceOutcome::Same),
        (jpeg("SOMEBODY_ELSE"), FaceOutcome::Different),
        // 69.300 is the line: 69.3 reaches it, 69.2999 does not.
        (jpeg("JUST_ENOUGH"), FaceOutcome::Same),
        (jpeg("JUST_BELOW"), FaceOutcome::Different),
        (jpeg("NO_FACE_FOUND"), refused("NO_FACE_FOUND")),
        (jpeg("CONCURRENCY_LIMIT_EXCEEDED"), FaceOutcome::Unknown),
        (b"GIF89a".to_vec(), refused("IMAGE_ERROR_UNSUPPORTED_FORMAT")),
        (vec![], refused("IMAGE_ERROR_UNSUPPORTED_FORMAT")),
        ([JPEG, &vec![0; PHOTO_MOST]].concat(), refused("IMAGE_FILE_TOO_LARGE")),
    ] {
        assert_eq!(compare(NAME_OF, ID, &photo), wanted);
    }
    assert_eq!(compare("龘小满", ID, JPEG), refused("NO_SUCH_ID_NUMBER"));
    assert_eq!(compare("靐小满", ID, JPEG), FaceOutcome::Unknown);
}

#[test]
fn our_own_mistakes_say_nothing_about_the_customer() {
    let (face, kept) = face("another secret");
    let (name, id) = (RealName::parse(NAME_OF).unwrap(), IdCardNo::parse(ID).unwrap());
    assert_eq!(face.verify(&name, &id, JPEG), FaceOutcome::Unknown);
    let record = &kept.last(1)[0];
    assert_eq!(record.outcome, Outcome::Failed(CallError::Status(401)));
    assert_eq!((record.cost, record.request.as_str()), (Money::ZERO, "comparison_type=1&image=*6"));
}

#[test]
fn numbers_are_compared_as_they_were_written() {
    let of = |confidence: &str| {
        let answer = format!(
            r#"{{"result_faceid":{{"confidence":{confidence},"thresholds":{{"1e-4":69.3}}}}}}"#
        );
        judge(&answer)
    };
    assert_eq!(of("69.30"), FaceOutcome::Same);
    assert_eq!(of("69.299999"), FaceOutcome::Different);
    assert_eq!(of("100"), FaceOutcome::Same);
    assert_eq!(of("9"), FaceOutcome::Different);
    for unreadable in ["null", "\"70\"", "7e1", "-70"] {
        assert_eq!(of(unreadable), FaceOutcome::Unknown, "{unreadable}");
    }
    for text in ["", "{}", r#"{"result_faceid":{"confidence":70,"thresholds":{}}}"#] {
        assert_eq!(judge(text), FaceOutcome::Unknown, "{text}");
    }
}
