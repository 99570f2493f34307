"""What sentences mean after others: answers, denials, headings."""
