"""Models behind one small seam: each client answers `model.InfillClient`, raises `errors.ModelError`."""
