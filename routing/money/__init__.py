"""What models elsewhere cost: prices, a budget that holds, the ledger of every call and of every byte that left."""
