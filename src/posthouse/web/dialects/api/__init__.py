"""The aggregator API, `/api`: what its document says, to the letter."""
