//! What is to be done on the platform for a row: create its contact, or change one that
//! is there already.

use serde::{Deserialize, Serialize};

use super::{ContactId, Owner, Reason, Status};

/// What is to be done for a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Task {
    /// Create the contact.
    #[default]
    Create,
    /// Change a contact that exists.
    Change(Change),
}

impl Task {
    /// The change, if it is one.
    #[must_use]
    pub fn change(&self) -> Option<&Change> {
        match self {
            Self::Create => None,
            Self::Change(change) => Some(change),
        }
    }

    /// What a request for it asks for.
    #[must_use]
    pub fn verb(&self) -> Verb {
        match self {
            Self::Create => Verb::Create,
            Self::Change(change) => change.verb(),
        }
    }
}

/// A change of a contact that exists, asked for by an agent. Both may be sent twice: the
/// platform then stands as after the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Put what was typed in the place of the contact that holds the number: its id, and
    /// whose it was when that was asked for.
    Update(ContactId, Owner),
    /// Delete the contact that was created.
    Delete(ContactId),
}

impl Change {
    /// The contact it is about.
    #[must_use]
    pub fn target(&self) -> &ContactId {
        match self {
            Self::Update(id, _) | Self::Delete(id) => id,
        }
    }

    /// What a request for it asks for.
    #[must_use]
    pub fn verb(&self) -> Verb {
        match self {
            Self::Update(..) => Verb::Update,
            Self::Delete(_) => Verb::Delete,
        }
    }

    /// What is true of the row while this has not happened, and will not.
    #[must_use]
    pub fn undone(&self, remark: Option<Reason>) -> Status {
        match self {
            Self::Update(_, owner) => Status::Duplicate { owners: vec![owner.clone()], remark },
            Self::Delete(id) => Status::Created { id: id.clone(), remark },
        }
    }

    /// Whom it is about, as far as anybody knows.
    #[must_use]
    pub fn contact(&self) -> Owner {
        match self {
            Self::Update(id, owner) => Owner { id: Some(id.clone()), ..owner.clone() },
            Self::Delete(id) => Owner { id: Some(id.clone()), full_name: None },
        }
    }
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Create a contact (POST).
    #[default]
    Create,
    /// Put other contents into a contact (PUT).
    Update,
    /// Delete a contact (DELETE).
    Delete,
}
