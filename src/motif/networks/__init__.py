"""motif.networks"""
