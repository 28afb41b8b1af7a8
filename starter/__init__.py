"""The embedded default model: how it was trained, what it scores, and the file itself.

From sources to examples: `licences` and `languages` (what may be learnt from), `corpus` (collects it), `holes` (where
people stop typing), `naming` (holes that need other files), `workspaces` (a package with its symbol graph), `asking`
(the product's prompt at a hole), `examples` and `shards` (made and kept). Training: `shapes`, `model`, `tokenizer`,
`muon`, `batches`, `loops` (texts that repeat themselves, to learn against), `train`, `curve`.
In and out of GGUF: `export`, `readback`, `reference` with `reference_prompts`, `layout` (the form of a prompt).
Measuring, which needs neither PyTorch nor the extra `train`: `evaluate`, `tasks`, `runner`, `baseline`,
`quantizations`.
"""
