//! How much room is left along a run.

use super::{
    model::{Model, Role},
    state::State,
};

impl State {
    /// Room of a run whose load is greatest at its start.
    pub(super) fn room(&mut self, model: &Model<'_>, vehicle: u32) -> bool {
        let start = model.start(vehicle);
        let (width, here) = (model.dimensions, start as usize * model.dimensions);
        self.before[here..here + width].copy_from_slice(model.amounts(&model.bound, start));
        let (mut node, end) = (self.visits[start as usize].next, model.end(vehicle));
        while node != end {
            for dimension in 0..width {
                self.before[here + dimension] -= model.brought[node as usize * width + dimension];
            }
            node = self.visits[node as usize].next;
        }
        self.before[here..here + width].iter().all(|room| *room >= 0)
    }

    /// Room before and after every node, trip by trip.
    pub(super) fn rooms(&mut self, model: &Model<'_>, vehicle: u32) -> bool {
        let width = model.dimensions;
        let (start, end) = (model.start(vehicle), model.end(vehicle));
        let [brought, fetched, shipped] = &mut self.sums;
        brought.fill(0);
        // What is brought later in the trip, kept where the room after will be.
        let mut node = self.visits[end as usize].prev;
        loop {
            let here = node as usize * width;
            self.after[here..here + width].copy_from_slice(brought);
            match model.nodes[node as usize].role {
                Role::Reload => brought.fill(0),
                _ => add(brought, &model.brought[here..here + width]),
            }
            if node == start {
                break;
            }
            node = self.visits[node as usize].prev;
        }
        fetched.copy_from_slice(&model.aboard[vehicle as usize * width..(vehicle as usize + 1) * width]);
        shipped.copy_from_slice(&model.shipped[vehicle as usize * width..(vehicle as usize + 1) * width]);
        let mut holds = true;
        while node != end {
            let (here, prev) = (node as usize * width, self.visits[node as usize].prev as usize * width);
            let role = model.nodes[node as usize].role;
            match role {
                Role::Reload => fetched.fill(0),
                Role::Pickup | Role::Delivery | Role::Aboard => add(shipped, &model.fetched[here..here + width]),
                _ => add(fetched, &model.fetched[here..here + width]),
            }
            for dimension in 0..width {
                let at = here + dimension;
                let load = self.after[at] + fetched[dimension] + shipped[dimension];
                let bound = model.bound[start as usize * width + dimension].min(model.bound[at]);
                let room = bound - load;
                holds &= room >= 0;
                self.after[at] = room;
                self.on_leg[at] = room;
                let begins = matches!(role, Role::Start | Role::Reload);
                self.before[at] = if begins { room } else { room.min(self.before[prev + dimension]) };
            }
            node = self.visits[node as usize].next;
        }
        // Backwards, the room of the rest of the trip.
        while node != start {
            let (here, prev) = (node as usize * width, self.visits[node as usize].prev as usize * width);
            if !matches!(model.nodes[node as usize].role, Role::Reload | Role::End) {
                for dimension in 0..width {
                    self.after[prev + dimension] = self.after[prev + dimension].min(self.after[here + dimension]);
                }
            }
            node = self.visits[node as usize].prev;
        }
        holds
    }
}

fn add(sums: &mut [i64], amounts: &[i64]) {
    sums.iter_mut().zip(amounts).for_each(|(sum, amount)| *sum += amount);
}
