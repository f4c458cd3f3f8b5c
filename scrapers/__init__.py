"""What is out there: pages in, versions out."""
