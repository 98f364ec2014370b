//! The port of who compares a face with the photograph of an id card.

use kernel::RealName;
use kernel::identity::IdCardNo;

/// What came of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaceOutcome {
    /// It is the person.
    Same,
    /// It is somebody else.
    Different,
    /// It cannot be compared: the provider's word for why, such as `NO_FACE_FOUND`.
    Refused(String),
    /// Nobody can say; the customer may try later.
    Unknown,
}

/// A provider that knows people's faces (人脸识别).
pub trait Faces: Send + Sync {
    /// Whether the photograph (JPEG or PNG) shows the person with this name and id number.
    fn verify(&self, name: &RealName, id_no: &IdCardNo, photo: &[u8]) -> FaceOutcome;
}
