//! Whom several people know.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::{Result, exec_err};
use datafusion_macros::user_doc;

use super::input::EDGES;
use super::keys::{Lists, Node, key_type};
use super::network::Network;
use super::output::{counts, list_of, schema};
use crate::call::Call;
use crate::parameter::{Kind, parameter, setting};
use crate::relation::RelationFunction;

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let options = call.options().clone();
    let network = Network::read(call)?;
    let Some(list) = options.keys("list")? else {
        return exec_err!("common_contacts: `list` is NULL; give a list of keys");
    };
    let mut people: Vec<Node> = network.keys.find(&list)?.into_iter().flatten().collect();
    people.sort_unstable();
    people.dedup();
    let least = options.count("min_linked")?;
    let both = network.undirected(call)?;
    let contacts = people.iter().flat_map(|&p| both.neighbours(p).iter().map(move |n| (*n, p)));
    let mut contacts: Vec<(Node, Node)> = contacts.collect();
    call.reserve(3 * size_of_val(&*contacts))?;
    contacts.sort_unstable();
    let (mut nodes, mut linked, mut numbers) = (vec![], Lists::default(), vec![]);
    let common = contacts.chunk_by(|x, y| x.0 == y.0);
    for group in common.filter(|group| group.len() >= least) {
        nodes.push(group[0].0);
        numbers.push(group.len());
        linked.push(group.iter().map(|contact| contact.1));
    }
    call.result(vec![network.keys.column(nodes)?, counts(numbers), network.keys.lists(&linked)?])
}

fn common_schema(columns: &[DataType]) -> SchemaRef {
    let key = key_type(&columns[0]);
    schema([("node", key.clone()), ("number_linked", DataType::Int64), ("linked", list_of(key))])
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: everybody who is in contact with several people of a list, in \
order of key, with their number (number_linked) and who they are (linked). People of the list may be \
among them. Whoever called counts; the relation has columns a, b, and if known answered.",
    syntax_example = "common_contacts(relation or (subquery), list, min_linked)",
    argument(name = "list", description = "A list of keys; unknown ones have no contacts."),
    argument(name = "min_linked", description = "How many of them at least, 2 by default."),
    sql_example = "```sql\nSELECT * FROM common_contacts((SELECT * FROM (VALUES ('ann', 'cat'), ('cat', 'bob'), ('bob', 'dan')) AS t(a, b)), make_array('ann', 'bob'));\n-- cat | 2 | [ann, bob]\n```"
)]
struct CommonContacts;

/// `common_contacts(edges, list, min_linked)`
pub fn common_contacts() -> RelationFunction {
    RelationFunction {
        name: "common_contacts",
        columns: EDGES,
        parameters: const {
            &[parameter("list", Kind::Keys), setting("min_linked", 1.0, f64::MAX).or(2.0)]
        },
        schema: common_schema,
        evaluate,
        documentation: CommonContacts.doc(),
    }
}
