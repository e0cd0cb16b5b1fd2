//! What DataFusion's interfaces ask of every function and what is the same for all of ours.

/// A function is its name: none of them has state, so adapters are equal when their names are.
macro_rules! equal_by_name {
    ($adapter:ty) => {
        impl PartialEq for $adapter {
            fn eq(&self, other: &Self) -> bool {
                self.function.name == other.function.name
            }
        }

        impl Eq for $adapter {}

        impl std::hash::Hash for $adapter {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.function.name.hash(state);
            }
        }
    };
}

pub(crate) use equal_by_name;
