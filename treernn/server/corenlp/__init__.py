"""The API of CoreNLP's server, for the annotators ``tokenize``, ``ssplit``, ``parse`` and
``sentiment``: its clients work unchanged.

Sources: ``StanfordCoreNLPServer``, ``JSONOutputter``, ``ProtobufAnnotationSerializer`` and
``StringUtils.decodeMap`` of CoreNLP (Manning et al. 2014).
"""
