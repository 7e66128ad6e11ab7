"""motif.recordings"""
