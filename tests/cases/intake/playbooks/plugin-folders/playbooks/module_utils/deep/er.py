# Something
