mod banks;
mod laws;
mod measure;
mod rules;
mod scale;
mod town;
mod twin;
