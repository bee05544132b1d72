"""Cases, diseases, the catalogue of orders and the evidence: data only, read by `sim.case`."""
