mod banks;
mod measure;
