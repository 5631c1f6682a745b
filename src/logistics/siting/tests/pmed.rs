//! The files of OR-Library's p-median problems: read by the tests, and by the bench from here.

/// A file: how many nodes, the lengths of the shortest paths row by row, how many sites. Of duplicate edges the last wins.
pub fn read(text: &str) -> (usize, Vec<f64>, usize) {
    let mut numbers = text.split_whitespace().map(|number| number.parse::<usize>().expect("a number"));
    let mut next = || numbers.next().expect("one more");
    let (nodes, edges, p) = (next(), next(), next());
    let mut costs = vec![f64::INFINITY; nodes * nodes];
    for _ in 0..edges {
        let (a, b, cost) = (next() - 1, next() - 1, next() as f64);
        costs[a * nodes + b] = cost;
        costs[b * nodes + a] = cost;
    }
    (0..nodes).for_each(|node| costs[node * nodes + node] = 0.0);
    for via in 0..nodes {
        for from in 0..nodes {
            for to in 0..nodes {
                let round = costs[from * nodes + via] + costs[via * nodes + to];
                costs[from * nodes + to] = costs[from * nodes + to].min(round);
            }
        }
    }
    (nodes, costs, p)
}
