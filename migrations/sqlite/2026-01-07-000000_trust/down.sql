DROP TABLE grant_head;
