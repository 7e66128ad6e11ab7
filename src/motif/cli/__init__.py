"""motif.cli"""
