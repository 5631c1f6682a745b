//! Layer 3, questions: figures of cells and towns, the cells of a box, legends, the area index.

pub mod ampi;
pub mod cells;
pub mod figures;
pub mod legend;

pub use figures::Figures;
pub use legend::Legend;
