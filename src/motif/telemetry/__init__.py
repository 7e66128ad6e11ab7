"""motif.telemetry"""
